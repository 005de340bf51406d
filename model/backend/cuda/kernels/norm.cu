// Layer normalisation, one warp a row: the variance from the differences, in a
// second pass, so that a large mean does not cost it its digits.

#define WIDEST 1280 // columns of a row that stays in registers

// normalise writes a row of any width; at(j) is its value in column j.
template <class To, class At> DEVICE void normalise(To* to, At at, const float* weight, const float* bias, int D, float eps) {
	float sum = 0, squares = 0;
	for (int j = lane_of_thread(); j < D; j += WARP) sum += at(j);
	float mean = warp_sum(sum) / D;
	for (int j = lane_of_thread(); j < D; j += WARP) squares += (at(j) - mean) * (at(j) - mean);
	float scale = 1 / sqrtf(warp_sum(squares) / D + eps);
	for (int j = lane_of_thread(); j < D; j += WARP) put(to + j, (at(j) - mean) * scale * weight[j] + bias[j]);
}

DEVICE void put4(float* to, float4 v) { *(float4*)to = v; }
DEVICE void put4(bf16* to, float4 v) { *(uint2*)to = make_uint2(pack(v.x, v.y), pack(v.z, v.w)); }

// normalise_wide reads a row once, 16 bytes a lane.
template <class To> DEVICE void normalise_wide(To* to, const float* x, const float* weight, const float* bias, int D, float eps) {
	const int pieces = WIDEST / (4 * WARP);
	float4 v[pieces];
	float sum = 0, squares = 0;
#pragma unroll
	for (int i = 0; i < pieces; i++) {
		int j = 4 * (i * WARP + lane_of_thread());
		v[i] = j < D ? *(const float4*)(x + j) : make_float4(0, 0, 0, 0);
		sum += (v[i].x + v[i].y) + (v[i].z + v[i].w);
	}
	float mean = warp_sum(sum) / D;
#pragma unroll
	for (int i = 0; i < pieces; i++) {
		if (4 * (i * WARP + lane_of_thread()) >= D) continue;
		v[i] = make_float4(v[i].x - mean, v[i].y - mean, v[i].z - mean, v[i].w - mean);
		squares += (v[i].x * v[i].x + v[i].y * v[i].y) + (v[i].z * v[i].z + v[i].w * v[i].w);
	}
	float scale = 1 / sqrtf(warp_sum(squares) / D + eps);
#pragma unroll
	for (int i = 0; i < pieces; i++) {
		int j = 4 * (i * WARP + lane_of_thread());
		if (j >= D) continue;
		float4 w = *(const float4*)(weight + j), b = *(const float4*)(bias + j);
		put4(to + j, make_float4(v[i].x * scale * w.x + b.x, v[i].y * scale * w.y + b.y, v[i].z * scale * w.z + b.z, v[i].w * scale * w.w + b.w));
	}
}

template <class To> DEVICE void layer_norm(const NormArgs& a) {
	int row = warp_of_grid();
	if (row >= a.Rows) return;
	const float* x = a.X + (u64)row * a.D;
	To* to = (To*)a.Dst + (u64)row * a.D;
	if (a.D % 4 == 0 && a.D <= WIDEST)
		normalise_wide(to, x, a.Weight, a.Bias, a.D, a.Eps);
	else
		normalise(to, [=](int j) { return x[j]; }, a.Weight, a.Bias, a.D, a.Eps);
}
KERNEL(layer_norm_f32, NormArgs, ROW_WARPS * WARP) { layer_norm<float>(a); }
KERNEL(layer_norm_bf16, NormArgs, ROW_WARPS * WARP) { layer_norm<bf16>(a); }

// assemble adds where and when to every patch, and normalises.
KERNEL(assemble, AssembleArgs, ROW_WARPS * WARP) {
	int row = warp_of_grid(), N = 1 + a.Frames * a.Count, b = row / N, patch = row % N - 1;
	if (b >= a.Clips) return;
	const float *x = a.CLS, *place = a.Pos, *when = 0;
	if (patch >= 0) {
		int i = patch % a.Count, at = a.Keep ? a.Keep[b * a.Count + i] : i;
		x = a.Patches + ((u64)b * (N - 1) + patch) * a.D;
		place = a.Pos + (u64)(1 + at) * a.D;
		when = a.Time + (u64)(patch / a.Count) * a.D;
	}
	normalise(a.Dst + (u64)row * a.D, [=](int j) { return when ? x[j] + place[j] + when[j] : x[j] + place[j]; }, a.Weight, a.Bias, a.D, a.Eps);
}
