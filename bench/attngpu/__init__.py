"""What attn's GPU kernels cost, by figures that need no GPU."""
