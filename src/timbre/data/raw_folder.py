"""The names that a data set's folder in `data/raw` keeps for itself, beside what its archives hold."""

ARCHIVES_DIR = "archives"
RECEIPT_FILE = "receipt.json"
LOCK_FILE = ".lock"
RESERVED = (ARCHIVES_DIR, RECEIPT_FILE, LOCK_FILE)
