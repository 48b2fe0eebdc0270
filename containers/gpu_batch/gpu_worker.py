"""The same entry as ``main``, computing on a CUDA device where the engine has kernels for it: the GPU queue."""

from __future__ import annotations

import sys

from containers.gpu_batch.main import main

if __name__ == "__main__":
    sys.exit(main(device="gpu"))
