#include <stddef.h>

// A share of C = αAB + βC: its sizes, and the steps from one element of an
// operand to the next, which say whether it is transposed.
struct share {
	size_t rows, cols, depth;
	size_t a_row, a_deep, b_deep, b_col, c_row;
	double alpha, beta;
};

// A block of A (BLOCK_ROWS, DEPTH) is meant for the second cache, a panel of B
// for the first. BLOCK_COLS is a multiple of every tile's width.
enum { DEPTH = 128, BLOCK_ROWS = 96, BLOCK_COLS = 480, SCRATCH = DEPTH * (BLOCK_ROWS + BLOCK_COLS) };

typedef void (*kernel)(const struct share *, const double *a, const double *b, double *c, double *scratch);
void gemm_avx512(const struct share *, const double *a, const double *b, double *c, double *scratch);
void gemm_avx2(const struct share *, const double *a, const double *b, double *c, double *scratch);
void gemm_neon(const struct share *, const double *a, const double *b, double *c, double *scratch);
