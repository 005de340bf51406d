// Space attention on the tensor cores: one block for a frame of one clip and
// head. Its K and V and those of CLS lie in shared memory; a warp takes 16
// queries at a time and reads 64 keys at a time with a running softmax. Row and
// column i < Patches are the frame's patches, row and column Patches are CLS.

#define KEYS 64

template <int HD> DEVICE void attend_space(const AttendArgs& a) {
	const int pitch = HD + 8; // keeps rows on different banks
	int n = a.Patches, N = 1 + a.Frames * n, D = a.Heads * a.Dim, keys = (n + 1 + 15) / 16 * 16;
	int h = blockIdx.x % a.Heads, f = blockIdx.x / a.Heads % a.Frames, b = blockIdx.x / a.Heads / a.Frames;
	int lane = lane_of_thread(), g = lane / 4, t = lane % 4;
	const bf16* qkv = (const bf16*)a.QKV + (u64)b * N * 3 * D + h * a.Dim;
	bf16 *K = (bf16*)shared, *V = K + keys * pitch;
	float scale = score_scale(a.Dim);
	auto token = [=](int i) { return i < n ? 1 + f * n + i : 0; };

	for (int i = threadIdx.x; i < keys * (HD / 8); i += blockDim.x) {
		int r = i / (HD / 8), d = i % (HD / 8) * 8;
		bool real = r <= n && d < a.Dim;
		const bf16* x = real ? qkv + (u64)token(r) * 3 * D + d : qkv;
		copy_async(K + r * pitch + d, real ? x + D : x, real ? 16 : 0);
		copy_async(V + r * pitch + d, real ? x + 2 * D : x, real ? 16 : 0);
	}
	copy_commit();
	copy_wait<0>();
	sync_block();

	for (int row0 = threadIdx.x / WARP * 16; row0 <= n; row0 += ROW_WARPS * 16) {
		unsigned q[HD / 16][4];
#pragma unroll
		for (int k = 0; k < HD / 16; k++)
#pragma unroll
			for (int e = 0; e < 4; e++) {
				int i = row0 + g + e % 2 * 8, d = 16 * k + 2 * t + e / 2 * 8;
				q[k][e] = i <= n && d < a.Dim ? *(const unsigned*)(qkv + (u64)token(i) * 3 * D + d) : 0;
			}
		float o[HD / 8][4] = {}, top[2] = {-INFINITE, -INFINITE}, weights[2] = {};

		for (int k0 = 0; k0 < keys; k0 += KEYS) {
			float s[KEYS / 8][4] = {};
#pragma unroll
			for (int j = 0; j < KEYS; j += 16) {
				if (k0 + j >= keys) break;
#pragma unroll
				for (int k = 0; k < HD / 16; k++) {
					unsigned w[4];
					load_matrix(w, K + (k0 + j + lane % 8 + lane / 16 * 8) * pitch + 16 * k + lane / 8 % 2 * 8);
					mma(s[j / 8], q[k], w[0], w[1]);
					mma(s[j / 8 + 1], q[k], w[2], w[3]);
				}
			}
#pragma unroll
			for (int e = 0; e < 2; e++) { // rows g, g+8
				int i = row0 + g + 8 * e;
				float most = top[e];
#pragma unroll
				for (int c = 0; c < KEYS / 4; c++) {
					int j = k0 + c / 2 * 8 + 2 * t + c % 2;
					float& x = s[c / 2][2 * e + c % 2];
					bool unread = j > n || (j == n && i == n && f > 0); // CLS reads itself once
					x = unread ? -INFINITE : x * scale;
					most = fmaxf(most, x);
				}
				most = fmaxf(most, shuffle_xor(most, 1));
				most = fmaxf(most, shuffle_xor(most, 2));
				float shrink = exp2_fast(top[e] - most);
				top[e] = most;
				weights[e] *= shrink;
#pragma unroll
				for (int c = 0; c < KEYS / 4; c++) {
					float& x = s[c / 2][2 * e + c % 2];
					x = exp2_fast(x - most);
					weights[e] += x;
				}
#pragma unroll
				for (int j = 0; j < HD / 8; j++) o[j][2 * e] *= shrink, o[j][2 * e + 1] *= shrink;
			}
#pragma unroll
			for (int j = 0; j < KEYS; j += 16) {
				if (k0 + j >= keys) break;
				float(*x)[4] = s + j / 8;
				unsigned w[4] = {pack(x[0][0], x[0][1]), pack(x[0][2], x[0][3]), pack(x[1][0], x[1][1]), pack(x[1][2], x[1][3])};
#pragma unroll
				for (int k = 0; k < HD / 16; k++) {
					unsigned v[4];
					load_matrix_transposed(v, V + (k0 + j + lane % 16) * pitch + 16 * k + lane / 16 * 8);
					mma(o[2 * k], w, v[0], v[1]);
					mma(o[2 * k + 1], w, v[2], v[3]);
				}
			}
		}

#pragma unroll
		for (int e = 0; e < 2; e++) {
			int i = row0 + g + 8 * e;
			weights[e] += shuffle_xor(weights[e], 1);
			weights[e] += shuffle_xor(weights[e], 2);
			if (i > n) continue;
			bf16* to = (bf16*)a.Dst + ((u64)b * N + token(i)) * D + h * a.Dim;
			float *partial = a.Partials + ((u64)(b * a.Heads + h) * a.Frames + f) * (a.Dim + 2), r = 1 / weights[e];
#pragma unroll
			for (int j = 0; j < HD / 8; j++) {
				int d = 8 * j + 2 * t;
				if (d >= a.Dim) continue;
				if (i < n)
					*(unsigned*)(to + d) = pack(o[j][2 * e] * r, o[j][2 * e + 1] * r);
				else
					partial[d] = o[j][2 * e], partial[d + 1] = o[j][2 * e + 1];
			}
			if (i == n && t == 0) partial[a.Dim] = top[e], partial[a.Dim + 1] = weights[e];
		}
	}
}
KERNEL(attend_space_64, AttendArgs, ROW_WARPS * WARP) { attend_space<64>(a); }
KERNEL(attend_space_80, AttendArgs, ROW_WARPS * WARP) { attend_space<80>(a); }
