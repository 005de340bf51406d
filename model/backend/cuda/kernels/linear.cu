// Products of our own, for shapes the vendor's library does not take or where
// it is absent, and what follows a product.

template <bool EXACT, class To> DEVICE void finish(const LinearArgs& a, int row, int col, float v) {
	if (row >= a.Rows || col >= a.Out) return;
	u64 i = (u64)row * a.Out + col;
	if (a.Bias) v += a.Bias[col];
	v = activate<EXACT>(a.Act, v);
	if (a.Residual) v += a.Residual[i];
	put((To*)a.Dst + i, v);
}

#define TILE 128     // rows and columns of a block: 8 warps of 64×32
#define DEPTH 32     // of a stage; the next one is under way while one is multiplied
#define PITCH (DEPTH + 8) // keeps rows on different banks

// stage brings rows row0 … of a matrix, columns k0 … k0+DEPTH, to shared memory.
DEVICE void stage(bf16* to, const bf16* from, int ld, int rows, int row0, int in, int k0) {
	for (int i = threadIdx.x; i < TILE * DEPTH / 8; i += blockDim.x) {
		int r = i / (DEPTH / 8), c = i % (DEPTH / 8) * 8;
		int real = row0 + r < rows ? min(max(in - k0 - c, 0), 8) : 0;
		const bf16* x = real ? from + (u64)(row0 + r) * ld + k0 + c : from;
		if (ld % 8 == 0) {
			copy_async(to + r * PITCH + c, x, 2 * real);
			continue;
		}
		for (int e = 0; e < 8; e++) to[r * PITCH + c + e] = e < real ? x[e] : 0;
	}
}

template <class To> DEVICE void linear_tiles(const LinearArgs& a) {
	bf16 *X = (bf16*)shared, *W = X + 2 * TILE * PITCH; // two stages each
	int row0 = blockIdx.x * TILE, col0 = blockIdx.y * TILE;
	int lane = lane_of_thread(), warp = threadIdx.x / WARP, rowW = warp / 4 * 64, colW = warp % 4 * 32;
	auto bring = [&](int k0) {
		int at = k0 / DEPTH % 2 * TILE * PITCH;
		stage(X + at, (const bf16*)a.X, a.LdX, a.Rows, row0, a.In, k0);
		stage(W + at, (const bf16*)a.W, a.LdW, a.Out, col0, a.In, k0);
		copy_commit();
	};
	float sum[4][4][4] = {};
	bring(0);
	for (int k0 = 0; k0 < a.In; k0 += DEPTH) {
		if (k0 + DEPTH < a.In) {
			bring(k0 + DEPTH);
			copy_wait<1>();
		} else {
			copy_wait<0>();
		}
		sync_block();
		int at = k0 / DEPTH % 2 * TILE * PITCH;
#pragma unroll
		for (int k = 0; k < DEPTH; k += 16) {
			unsigned x[4][4], w[2][4];
#pragma unroll
			for (int i = 0; i < 4; i++) load_matrix(x[i], X + at + (rowW + 16 * i + lane % 16) * PITCH + k + lane / 16 * 8);
#pragma unroll
			for (int j = 0; j < 2; j++) load_matrix(w[j], W + at + (colW + 16 * j + lane % 8 + lane / 16 * 8) * PITCH + k + lane / 8 % 2 * 8);
#pragma unroll
			for (int i = 0; i < 4; i++)
#pragma unroll
				for (int j = 0; j < 4; j++) mma(sum[i][j], x[i], w[j / 2][j % 2 * 2], w[j / 2][j % 2 * 2 + 1]);
		}
		sync_block();
	}
	// 16 rows of a warp at a time go through shared memory, so that a warp
	// writes 32 neighbours, and one loop finishes them.
	float* rows = (float*)shared + warp * 16 * (WARP + 1);
#pragma unroll
	for (int i = 0; i < 4; i++) {
#pragma unroll
		for (int j = 0; j < 16; j++) rows[(lane / 4 + j / 2 % 2 * 8) * (WARP + 1) + j / 4 * 8 + lane % 4 * 2 + j % 2] = sum[i][j / 4][j % 4];
		sync_warp();
#pragma unroll 1
		for (int r = 0; r < 16; r++) finish<false, To>(a, row0 + rowW + 16 * i + r, col0 + colW + lane, rows[r * (WARP + 1) + lane]);
		sync_warp();
	}
}
KERNEL(linear_bf16_bf16, LinearArgs, 256) { linear_tiles<bf16>(a); }
KERNEL(linear_bf16_f32, LinearArgs, 256) { linear_tiles<float>(a); }

#define EXACT_TILE 64 // rows and columns of a block; 4×4 a thread
#define EXACT_DEPTH 16
#define EXACT_PITCH (EXACT_TILE + 4)

// linear_f32_f32 adds in float32, in the order of the columns.
KERNEL(linear_f32_f32, LinearArgs, 256) {
	float *X = (float*)shared, *W = X + EXACT_DEPTH * EXACT_PITCH; // (depth, row)
	int row0 = blockIdx.x * EXACT_TILE, col0 = blockIdx.y * EXACT_TILE, r = threadIdx.x / 16 * 4, c = threadIdx.x % 16 * 4;
	float sum[4][4] = {};
	for (int k0 = 0; k0 < a.In; k0 += EXACT_DEPTH) {
		for (int i = threadIdx.x; i < EXACT_TILE * EXACT_DEPTH; i += blockDim.x) {
			int row = i / EXACT_DEPTH, k = i % EXACT_DEPTH, at = k * EXACT_PITCH + row;
			X[at] = row0 + row < a.Rows && k0 + k < a.In ? ((const float*)a.X)[(u64)(row0 + row) * a.LdX + k0 + k] : 0;
			W[at] = col0 + row < a.Out && k0 + k < a.In ? ((const float*)a.W)[(u64)(col0 + row) * a.LdW + k0 + k] : 0;
		}
		sync_block();
#pragma unroll
		for (int k = 0; k < EXACT_DEPTH; k++)
#pragma unroll
			for (int i = 0; i < 4; i++)
#pragma unroll
				for (int j = 0; j < 4; j++) sum[i][j] += X[k * EXACT_PITCH + r + i] * W[k * EXACT_PITCH + c + j];
		sync_block();
	}
#pragma unroll
	for (int i = 0; i < 4; i++)
#pragma unroll
		for (int j = 0; j < 4; j++) finish<true, float>(a, row0 + r + i, col0 + c + j, sum[i][j]);
}

template <bool EXACT, class To> DEVICE void epilogue(const EpilogueArgs& a) {
	u64 i = element_of_grid();
	if (i >= (u64)a.Rows * a.D) return;
	float v = a.X[i];
	if (a.Bias) v += a.Bias[i % a.D];
	v = activate<EXACT>(a.Act, v);
	if (a.Residual) v += a.Residual[i];
	put((To*)a.Dst + i, v);
}
KERNEL(epilogue_f32, EpilogueArgs, 256) { epilogue<true, float>(a); }
KERNEL(epilogue_bf16, EpilogueArgs, 256) { epilogue<false, bf16>(a); }

DEVICE unsigned activate_pair(int act, unsigned v) {
	return pack(activate<false>(act, as_float(v << 16)), activate<false>(act, as_float(v & 0xffff0000u)));
}

KERNEL(activate_bf16, ActivateArgs, 256) {
	u64 i = 8 * element_of_grid();
	if (i + 8 <= a.Count) {
		uint4* p = (uint4*)(a.X + i);
		uint4 v = *p;
		*p = make_uint4(activate_pair(a.Act, v.x), activate_pair(a.Act, v.y), activate_pair(a.Act, v.z), activate_pair(a.Act, v.w));
		return;
	}
	for (; i < a.Count; i++) put(a.X + i, activate<false>(a.Act, get(a.X + i)));
}
