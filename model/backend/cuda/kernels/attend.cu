// Attention in plain float32, one warp for one query of one head, any sizes;
// and the merging of what the CLS query has read in pieces.
//
// The CLS query reads every token, a frame (or a run of positions) at a time.
// Each piece leaves a partial: the weighted sum of V (Dim), the largest score
// in units of log₂, and the sum of weights.

enum { PLAIN_TIME, PLAIN_SPACE, PLAIN_CLS, PLAIN_CAUSAL }; // as in attend.go
#define CHUNK 256 // keys scored at a time

// The tokens a query reads: CLS where it does, then count from first on.
struct Keys {
	int cls, first, step, count;
	METHOD int token(int j) const { return j < cls ? 0 : first + (j - cls) * step; }
};

DEVICE float score_scale(int dim) { return LOG2E / sqrtf((float)dim); }

template <class T> DEVICE void attend(const AttendArgs& a) {
	float *scores = (float*)shared + threadIdx.x / WARP * (CHUNK + 2 * a.Dim), *query = scores + CHUNK, *sum = query + a.Dim;
	int lane = lane_of_thread(), item = warp_of_grid(), h = item % a.Heads, i = item / a.Heads, D = a.Heads * a.Dim;
	int patches = a.Frames * a.Patches, N = 1 + patches, b, token;
	Keys keys;
	if (a.Kind == PLAIN_CLS) {
		b = i / a.Frames, i %= a.Frames, token = 0;
		keys = {i == 0, 1 + i * a.Patches, 1, a.Patches};
	} else {
		b = i / patches, i %= patches, token = 1 + i;
		if (a.Kind == PLAIN_TIME) keys = {1, 1 + i % a.Patches, a.Patches, a.Frames};
		if (a.Kind == PLAIN_SPACE) keys = {1, 1 + i / a.Patches * a.Patches, 1, a.Patches};
		if (a.Kind == PLAIN_CAUSAL) keys = {0, 0, 1, i + 1}, N = patches, token = i;
	}
	if (b >= a.Clips) return;
	const T* qkv = (const T*)a.QKV + (u64)b * N * 3 * D + h * a.Dim; // of token 0
	for (int d = lane; d < a.Dim; d += WARP) {
		query[d] = get(qkv + (u64)token * 3 * D + d);
		sum[d] = 0;
	}
	sync_warp();
	float top = -INFINITE, weights = 0;
	for (int from = 0; from < keys.cls + keys.count; from += CHUNK) {
		int n = min(CHUNK, keys.cls + keys.count - from);
		float most = top;
		for (int j = lane; j < n; j += WARP) {
			const T* k = qkv + (u64)keys.token(from + j) * 3 * D + D;
			float dot = 0;
			for (int d = 0; d < a.Dim; d++) dot += query[d] * get(k + d);
			scores[j] = dot * score_scale(a.Dim);
			most = fmaxf(most, scores[j]);
		}
		most = warp_max(most);
		float shrink = exp2f(top - most), more = 0;
		top = most;
		for (int j = lane; j < n; j += WARP) {
			scores[j] = exp2f(scores[j] - top);
			more += scores[j];
		}
		weights = weights * shrink + warp_sum(more);
		sync_warp();
		for (int d = lane; d < a.Dim; d += WARP) {
			float v = sum[d] * shrink;
			for (int j = 0; j < n; j++) v += scores[j] * get(qkv + (u64)keys.token(from + j) * 3 * D + 2 * D + d);
			sum[d] = v;
		}
		sync_warp();
	}
	if (a.Kind == PLAIN_CLS) {
		float* partial = a.Partials + ((u64)(b * a.Heads + h) * a.Frames + i) * (a.Dim + 2);
		for (int d = lane; d < a.Dim; d += WARP) partial[d] = sum[d];
		if (lane == 0) partial[a.Dim] = top, partial[a.Dim + 1] = weights;
		return;
	}
	T* to = (T*)a.Dst + ((u64)b * N + token) * D + h * a.Dim;
	for (int d = lane; d < a.Dim; d += WARP) put(to + d, sum[d] / weights);
}
KERNEL(attend_f32, AttendArgs, ROW_WARPS * WARP) { attend<float>(a); }
KERNEL(attend_bf16, AttendArgs, ROW_WARPS * WARP) { attend<bf16>(a); }

// One warp a clip and head.
template <class T> DEVICE void combine(const CombineArgs& a) {
	int item = warp_of_grid(), h = item % a.Heads, b = item / a.Heads;
	if (b >= a.Clips) return;
	const float* partial = a.Partials + (u64)item * a.Parts * (a.Dim + 2);
	float top = -INFINITE, weights = 0;
	for (int i = 0; i < a.Parts; i++) top = fmaxf(top, partial[i * (a.Dim + 2) + a.Dim]);
	for (int i = 0; i < a.Parts; i++) weights += exp2f(partial[i * (a.Dim + 2) + a.Dim] - top) * partial[i * (a.Dim + 2) + a.Dim + 1];
	T* to = (T*)a.Dst + (u64)b * a.Stride * a.Heads * a.Dim + h * a.Dim;
	for (int d = lane_of_thread(); d < a.Dim; d += WARP) {
		float v = 0;
		for (int i = 0; i < a.Parts; i++) v += exp2f(partial[i * (a.Dim + 2) + a.Dim] - top) * partial[i * (a.Dim + 2) + d];
		put(to + d, v / weights);
	}
}
KERNEL(combine_f32, CombineArgs, ROW_WARPS * WARP) { combine<float>(a); }
KERNEL(combine_bf16, CombineArgs, ROW_WARPS * WARP) { combine<bf16>(a); }
