"""From recordings on disk to one table of clips: what is heard in each, by whom, under which licence."""
