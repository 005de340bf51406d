//go:build cgo && !windows

#define KERNEL
#define NAME gemm_neon
enum { LANES = 2, ROWS = 8 };
#include "product.h"
