# The gtest programs of check-attn.

import os

import lit.formats

config.name = "attn-unit"
config.suffixes = []
config.test_exec_root = os.path.join(config.attn_binary_dir, "test", "unit")
config.test_source_root = config.test_exec_root
config.test_format = lit.formats.GoogleTest(".", "Tests")
