// Time attention on the tensor cores: one warp for a run of positions of one
// clip and head, no shared memory. A position is one 16×16 tile of scores:
// row and column i < Frames are its patch in frame i, row and column Frames are
// CLS. The CLS row keeps a running softmax over the run's positions.

#define TIME_RUN 4 // positions, as in attend.go

// The order of what a product sums over is free, so lane t reads four
// neighbouring columns of Q and K where the tile's layout has 2t and 2t+8. The
// order of the columns of V is free likewise: lane g reads the eight from 8g on
// and makes them column g of eight tiles.
template <int HD> DEVICE void attend_time(const AttendArgs& a) {
	const int tiles = HD / 8; // of the result; the first 8 cover 64 columns
	int T = a.Frames, n = a.Patches, N = 1 + T * n, runs = (n + TIME_RUN - 1) / TIME_RUN, D = a.Heads * a.Dim;
	int item = warp_of_grid(), h = item % a.Heads, run = item / a.Heads % runs, b = item / a.Heads / runs;
	if (b >= a.Clips) return;
	int lane = lane_of_thread(), g = lane / 4, t = lane % 4;
	bool holdsCLS = g == T % 8;
	int half = T / 8 * 2; // where a lane's values of the CLS row begin
	const bf16* qkv = (const bf16*)a.QKV + (u64)b * N * 3 * D + h * a.Dim;
	bf16* dst = (bf16*)a.Dst + (u64)b * N * D + h * a.Dim;
	float scale = score_scale(a.Dim), top = -INFINITE, weights = 0, cls[tiles][2] = {};

#pragma unroll 1
	for (int p = run * TIME_RUN; p < min(n, (run + 1) * TIME_RUN); p++) {
		auto token = [=](int i) { return i < T ? 1 + i * n + p : 0; };
		// row is q, k or v of tile row i, from column d on; 0 beyond either.
		auto row = [=](int i, int part, int d) { return i <= T && d < a.Dim ? qkv + (u64)token(i) * 3 * D + part * D + d : 0; };

		float s[2][4] = {};
#pragma unroll
		for (int d = 0; d < HD; d += 16) {
			uint2 v[2][2]; // q, k; rows g, g+8
#pragma unroll
			for (int e = 0; e < 4; e++) {
				const bf16* x = row(g + e % 2 * 8, e / 2, d + 4 * t);
				v[e / 2][e % 2] = x ? *(const uint2*)x : make_uint2(0, 0);
			}
			unsigned q[4] = {v[0][0].x, v[0][1].x, v[0][0].y, v[0][1].y};
			mma(s[0], q, v[1][0].x, v[1][0].y);
			mma(s[1], q, v[1][1].x, v[1][1].y);
		}

		float sum[2], shrink = 0; // sum of a row's weights; what the CLS row's past is worth
#pragma unroll
		for (int e = 0; e < 2; e++) { // rows g, g+8
			int i = g + 8 * e;
			float most = -INFINITE;
#pragma unroll
			for (int c = 0; c < 4; c++) {
				int j = c / 2 * 8 + 2 * t + c % 2;
				float& x = s[c / 2][2 * e + c % 2];
				bool unread = j > T || (i == T && j == T && p > 0); // CLS reads itself once
				x = unread ? -INFINITE : x * scale;
				most = fmaxf(most, x);
			}
			most = fmaxf(most, shuffle_xor(most, 1));
			most = fmaxf(most, shuffle_xor(most, 2));
			if (i == T) {
				most = fmaxf(most, top);
				shrink = exp2_fast(top - most);
				top = most;
			}
			sum[e] = 0;
#pragma unroll
			for (int c = 0; c < 4; c++) {
				float& x = s[c / 2][2 * e + c % 2];
				x = exp2_fast(x - most);
				sum[e] += x;
			}
			sum[e] += shuffle_xor(sum[e], 1);
			sum[e] += shuffle_xor(sum[e], 2);
			if (i == T) weights = weights * shrink + sum[e];
		}

		unsigned w[4] = {pack(s[0][0], s[0][1]), pack(s[0][2], s[0][3]), pack(s[1][0], s[1][1]), pack(s[1][2], s[1][3])};
		float o[tiles][4] = {};
		unsigned v[4][tiles / 2]; // rows 2t, 2t+1, 2t+8, 2t+9
#pragma unroll
		for (int e = 0; e < 4; e++) {
			int i = 2 * t + e % 2 + e / 2 * 8;
			const bf16* x = row(i, 2, 8 * g);
			uint4 x8 = x ? *(const uint4*)x : make_uint4(0, 0, 0, 0);
			v[e][0] = x8.x, v[e][1] = x8.y, v[e][2] = x8.z, v[e][3] = x8.w;
			if (HD > 64) {
				x = row(i, 2, 64 + 2 * g);
				v[e][tiles / 2 - 1] = x ? *(const unsigned*)x : 0;
			}
		}
#pragma unroll
		for (int j = 0; j < tiles; j++) {
			unsigned which = j % 2 ? 0x7632 : 0x5410;
			mma(o[j], w, select_bytes(v[0][j / 2], v[1][j / 2], which), select_bytes(v[2][j / 2], v[3][j / 2], which));
		}

#pragma unroll
		for (int e = 0; e < 2; e++) {
			int i = g + 8 * e;
			if (i >= T) continue;
			bf16* to = dst + (u64)token(i) * D;
			float r = 1 / sum[e];
#pragma unroll
			for (int c = 0; c < 2; c++) {
				int d = 16 * t + 8 * c, at = 2 * e + c;
				if (d < a.Dim)
					*(uint4*)(to + d) = make_uint4(pack(o[0][at] * r, o[1][at] * r), pack(o[2][at] * r, o[3][at] * r),
						pack(o[4][at] * r, o[5][at] * r), pack(o[6][at] * r, o[7][at] * r));
			}
			if (HD > 64 && 64 + 4 * t < a.Dim)
				*(uint2*)(to + 64 + 4 * t) = make_uint2(pack(o[tiles - 2][2 * e] * r, o[tiles - 1][2 * e] * r),
					pack(o[tiles - 2][2 * e + 1] * r, o[tiles - 1][2 * e + 1] * r));
		}
#pragma unroll
		for (int j = 0; j < tiles; j++)
#pragma unroll
			for (int c = 0; c < 2; c++) cls[j][c] = cls[j][c] * shrink + (half ? o[j][2 + c] : o[j][c]);
	}

	if (!holdsCLS) return;
	float* partial = a.Partials + ((u64)(b * a.Heads + h) * runs + run) * (a.Dim + 2);
#pragma unroll
	for (int j = 0; j < tiles; j++)
#pragma unroll
		for (int c = 0; c < 2; c++) {
			int d = j < 8 ? 16 * t + 8 * c + j : 64 + 4 * t + 2 * c + j - 8;
			if (d < a.Dim) partial[d] = cls[j][c];
		}
	if (t == 0) partial[a.Dim] = top, partial[a.Dim + 1] = weights;
}
KERNEL(attend_time_64, AttendArgs, ROW_WARPS * WARP) { attend_time<64>(a); }
KERNEL(attend_time_80, AttendArgs, ROW_WARPS * WARP) { attend_time<80>(a); }
