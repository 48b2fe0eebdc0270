"""The same entry as ``main``, computing on the CPU: the Fargate queue, and worker processes of one machine."""

from __future__ import annotations

import sys

from containers.gpu_batch.main import main

if __name__ == "__main__":
    sys.exit(main(device="cpu"))
