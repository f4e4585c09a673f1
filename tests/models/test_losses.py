import numpy as np
import pytest
import torch

from timbre.models.any_of import group_logits
from timbre.models.losses import any_logits, tagging_loss


def test_unknown_labels_have_no_loss():
    logits = torch.tensor([[2.0, -3.0]], requires_grad=True)
    truth = torch.tensor([[0.0, 1.0]]), torch.tensor([[1.0, 0.0]]), torch.zeros(1, 0, 2)
    tagging_loss(logits, *truth).backward()
    assert logits.grad is not None
    assert logits.grad[0, 0] != 0.0
    assert logits.grad[0, 1] == 0.0


def naive(logits, targets, known, any_of):
    """The loss as it is defined, by probabilities."""
    p = torch.sigmoid(logits)
    costs = -torch.where(targets > 0, p, 1 - p).log()[known > 0]
    nobody = (1 - p).unsqueeze(1).where(any_of > 0, torch.ones(())).prod(dim=2)
    groups = -(1 - nobody).log()[any_of.any(dim=2)]
    return torch.cat([costs, groups]).mean()


def test_loss_and_gradients_are_those_of_the_definition():
    rng = torch.Generator().manual_seed(0)
    logits = torch.empty(12, 7, dtype=torch.float64).uniform_(-12, 12, generator=rng).requires_grad_()
    targets, known = (torch.rand(12, 7, generator=rng) < share for share in (0.4, 0.5))
    any_of = (torch.rand(12, 3, 7, generator=rng) < 0.3).double()
    any_of[:4, 1:] = 0.0  # windows with fewer groups
    truth = targets.double(), known.double(), any_of
    ours, theirs = tagging_loss(logits, *truth), naive(logits, *truth)
    assert ours.item() == pytest.approx(theirs.item(), rel=1e-9)
    (our_gradient,), (their_gradient,) = (torch.autograd.grad(loss, logits) for loss in (ours, theirs))
    torch.testing.assert_close(our_gradient, their_gradient, rtol=1e-6, atol=1e-12)


@pytest.mark.parametrize("logit", [-300.0, -90.0, -20.0])
def test_a_group_that_seems_impossible_still_teaches(logit):
    """Where probabilities are zero to float32: the cost is the distance, and is shared by the likeliest."""
    logits = torch.tensor([[logit, logit + 1, logit]], requires_grad=True)
    truth = torch.zeros(1, 3), torch.zeros(1, 3), torch.tensor([[[1.0, 1.0, 0.0]]])
    loss = tagging_loss(logits, *truth)
    loss.backward()
    assert loss.item() == pytest.approx(-logit - np.log(1 + np.e), rel=1e-5)
    assert logits.grad[0].tolist() == pytest.approx([-1 / (1 + np.e), -np.e / (1 + np.e), 0.0], rel=1e-4)


def test_a_group_costs_nothing_once_a_label_of_it_is_sure():
    logits = torch.tensor([[60.0, -60.0]], requires_grad=True)
    loss = tagging_loss(logits, torch.zeros(1, 2), torch.zeros(1, 2), torch.ones(1, 1, 2))
    loss.backward()
    assert loss.item() == pytest.approx(0.0, abs=1e-20)
    assert torch.isfinite(logits.grad).all()


def test_empty_groups_and_none_at_all_change_nothing():
    logits, targets = torch.randn(4, 3, generator=torch.Generator().manual_seed(1)), torch.eye(4)[:, :3]
    reference = torch.nn.functional.binary_cross_entropy_with_logits(logits, targets)
    for n_groups in (0, 2):
        loss = tagging_loss(logits, targets, torch.ones(4, 3), torch.zeros(4, n_groups, 3))
        assert loss.item() == pytest.approx(reference.item(), rel=1e-6)


def test_training_and_scoring_mean_the_same_logit():
    logits = torch.empty(20, 5).uniform_(-30, 30, generator=torch.Generator().manual_seed(2))
    groups = np.array([[1, 1, 0, 0, 0], [0, 1, 1, 1, 1]], bool)
    of_windows = torch.from_numpy(groups).float().expand(20, 2, 5)
    np.testing.assert_allclose(
        any_logits(logits, of_windows).numpy(), group_logits(logits.numpy(), groups), rtol=1e-5, atol=1e-5
    )
