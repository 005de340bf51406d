// The product of packed blocks, tile by tile: ROWS rows by up to three vectors
// of sums, which with the operands fill the registers. LANES, ROWS and KERNEL say
// for which instruction set. A sum is taken in the order of the depth,
// whatever tile, block or share it is computed in.
#include "gemm.h"

enum { COLS = 3 * LANES };
typedef double V __attribute__((vector_size(LANES * sizeof(double)), aligned(sizeof(double))));

static inline __attribute__((always_inline)) size_t least(size_t a, size_t b) { return a < b ? a : b; }

// pack copies count by depth elements into panels of so many side by side, the
// last one zero beyond.
static KERNEL void pack(double *to, const double *from, size_t count, size_t depth, size_t step, size_t deep, size_t wide, double times)
{
	for (size_t first = 0; first < count; first += wide)
		for (size_t k = 0; k < depth; k++, to += wide)
			for (size_t i = 0; i < wide; i++)
				to[i] = first + i < count ? times * from[(first + i) * step + k * deep] : 0;
}

static inline __attribute__((always_inline)) KERNEL void sums(const int vectors, const double *a, const double *b, size_t depth, double *c, size_t c_row)
{
	V sum[ROWS][3];
#pragma GCC unroll 8
	for (int r = 0; r < ROWS; r++)
#pragma GCC unroll 3
		for (int v = 0; v < vectors; v++)
			sum[r][v] = *(const V *)(c + r * c_row + v * LANES);
	for (size_t k = 0; k < depth; k++, a += ROWS, b += COLS) {
#pragma GCC unroll 8
		for (int r = 0; r < ROWS; r++)
#pragma GCC unroll 3
			for (int v = 0; v < vectors; v++)
				sum[r][v] += a[r] * *(const V *)(b + v * LANES);
	}
#pragma GCC unroll 8
	for (int r = 0; r < ROWS; r++)
#pragma GCC unroll 3
		for (int v = 0; v < vectors; v++)
			*(V *)(c + r * c_row + v * LANES) = sum[r][v];
}

// tile adds a panel of A times so many vectors of a panel of B to C.
static KERNEL void tile(size_t vectors, const double *a, const double *b, size_t depth, double *c, size_t c_row)
{
	if (vectors == 3)
		sums(3, a, b, depth, c, c_row);
	else if (vectors == 2)
		sums(2, a, b, depth, c, c_row);
	else
		sums(1, a, b, depth, c, c_row);
}

// edge is tile where C ends within it.
static KERNEL void edge(size_t vectors, const double *a, const double *b, size_t depth, double *c, size_t c_row, size_t rows, size_t cols)
{
	double whole[ROWS * COLS] = {0};
	for (size_t r = 0; r < rows; r++)
		for (size_t j = 0; j < cols; j++)
			whole[r * COLS + j] = c[r * c_row + j];
	tile(vectors, a, b, depth, whole, COLS);
	for (size_t r = 0; r < rows; r++)
		for (size_t j = 0; j < cols; j++)
			c[r * c_row + j] = whole[r * COLS + j];
}

KERNEL void NAME(const struct share *s, const double *a, const double *b, double *c, double *scratch)
{
	double *const left = scratch, *const right = left + BLOCK_ROWS * DEPTH;
	for (size_t i = 0; i < s->rows; i++)
		for (size_t j = 0; j < s->cols; j++)
			c[i * s->c_row + j] = s->beta == 0 ? 0 : s->beta * c[i * s->c_row + j];
	for (size_t col = 0; col < s->cols; col += BLOCK_COLS)
		for (size_t k = 0; k < s->depth; k += DEPTH) {
			const size_t cols = least(BLOCK_COLS, s->cols - col), depth = least(DEPTH, s->depth - k);
			pack(right, b + col * s->b_col + k * s->b_deep, cols, depth, s->b_col, s->b_deep, COLS, 1);
			for (size_t row = 0; row < s->rows; row += BLOCK_ROWS) {
				const size_t rows = least(BLOCK_ROWS, s->rows - row);
				pack(left, a + row * s->a_row + k * s->a_deep, rows, depth, s->a_row, s->a_deep, ROWS, s->alpha);
				for (size_t j = 0; j < cols; j += COLS)
					for (size_t i = 0; i < rows; i += ROWS) {
						double *const at = c + (row + i) * s->c_row + col + j;
						const size_t high = least(ROWS, rows - i), wide = least(COLS, cols - j), vectors = (wide + LANES - 1) / LANES;
						if (high == ROWS && wide == vectors * LANES)
							tile(vectors, left + i * depth, right + j * depth, depth, at, s->c_row);
						else
							edge(vectors, left + i * depth, right + j * depth, depth, at, s->c_row, high, wide);
					}
			}
		}
}
