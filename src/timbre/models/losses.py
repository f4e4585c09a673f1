"""The loss of partly known truth: of labels, and of groups of which at least one label sounds."""

import torch
from torch import Tensor
from torch.nn import functional as F

_SMALL = 1e-6  # where log(1 - exp(-x)) is log(x) to the precision of float32


def tagging_loss(logits: Tensor, targets: Tensor, known: Tensor, any_of: Tensor) -> Tensor:
    """Mean over the known labels and the groups, each of which counts as one label.

    A known label costs its binary cross-entropy, a group `-log(1 - prod(1 - p))` over its labels: nothing
    as soon as one of them is probable.

    Parameters
    ----------
    logits, targets, known
        `(batch, n_labels)`.
    any_of
        `(batch, n_groups, n_labels)`, 0 or 1; an empty group costs nothing.
    """
    of_labels = F.binary_cross_entropy_with_logits(logits, targets, reduction="none") * known
    is_group = any_of.amax(dim=2)
    of_groups = F.softplus(-any_logits(logits, any_of)) * is_group
    return (of_labels.sum() + of_groups.sum()) / (known.sum() + is_group.sum()).clamp_min(1.0)


def any_logits(logits: Tensor, any_of: Tensor) -> Tensor:
    """`(batch, n_groups)`: the logit that at least one label of a group sounds.

    `log(prod(1 + exp(logit)) - 1)`, from the sum of their softplus; where that is next to nothing, from the
    logits themselves, which do not underflow. Of an empty group it is finite and means nothing.
    """
    not_one = (any_of * F.softplus(logits).unsqueeze(1)).sum(dim=2)
    outside = torch.finfo(logits.dtype).min
    nearly_none = torch.where(any_of > 0, logits.unsqueeze(1), outside).logsumexp(dim=2)
    usual = not_one.clamp_min(_SMALL)
    return torch.where(not_one < _SMALL, nearly_none, usual + torch.log(-torch.expm1(-usual)))
