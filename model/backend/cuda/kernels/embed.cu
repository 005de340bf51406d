// From frames and ids to rows, and copies of rows.

DEVICE float pixel(const u8* frame, const PatchifyArgs& a, int c, int y, int x) {
	return a.Table[c * 256 + frame[(y * a.Image + x) * 3 + c]];
}
DEVICE float pixel(const float* frame, const PatchifyArgs& a, int c, int y, int x) {
	return frame[(c * a.Image + y) * a.Image + x];
}

// One block a patch, one warp a line of it.
template <class From, class To> DEVICE void patchify(const PatchifyArgs& a) {
	int row = blockIdx.x, i = row % a.Patches, bt = row / a.Patches, t = bt % a.Count, b = bt / a.Count;
	bool absent = a.Valid && t >= a.Valid[b]; // zero after normalisation, as the published reader pads
	int at = a.Keep ? a.Keep[b * a.Patches + i] : i;
	int grid = a.Image / a.Patch, y0 = at / grid * a.Patch, x0 = at % grid * a.Patch;
	const From* frame = (const From*)a.Frames + (u64)bt * 3 * a.Image * a.Image;
	To* to = (To*)a.Dst + (u64)row * a.Width;
	for (int line = threadIdx.x / WARP; line < 3 * a.Patch; line += blockDim.x / WARP)
		for (int x = lane_of_thread(); x < a.Patch; x += WARP)
			put(to + line * a.Patch + x, absent ? 0 : pixel(frame, a, line / a.Patch, y0 + line % a.Patch, x0 + x));
	for (int k = 3 * a.Patch * a.Patch + threadIdx.x; k < a.Width; k += blockDim.x) put(to + k, 0);
}
KERNEL(patchify_u8_bf16, PatchifyArgs, 256) { patchify<u8, bf16>(a); }
KERNEL(patchify_u8_f32, PatchifyArgs, 256) { patchify<u8, float>(a); }
KERNEL(patchify_f32_bf16, PatchifyArgs, 256) { patchify<float, bf16>(a); }
KERNEL(patchify_f32_f32, PatchifyArgs, 256) { patchify<float, float>(a); }

KERNEL(embed_tokens, EmbedArgs, 256) {
	const float *word = a.Table + (u64)a.IDs[blockIdx.x] * a.D, *place = a.Pos + (u64)(blockIdx.x % a.Length) * a.D;
	float* to = a.Dst + (u64)blockIdx.x * a.D;
	for (int j = threadIdx.x; j < a.D; j += blockDim.x) to[j] = word[j] + place[j];
}

template <class T> DEVICE void gather(const GatherArgs& a) {
	const T* from = (const T*)a.X + (u64)a.Rows[blockIdx.x] * a.D;
	T* to = (T*)a.Dst + (u64)blockIdx.x * a.D;
	for (int j = threadIdx.x; j < a.D; j += blockDim.x) to[j] = from[j];
}
KERNEL(gather_f32, GatherArgs, 256) { gather<float>(a); }
KERNEL(gather_bf16, GatherArgs, 256) { gather<bf16>(a); }

template <class From, class To> DEVICE void convert(const ConvertArgs& a) {
	u64 i = element_of_grid();
	if (i < a.Count) put((To*)a.Dst + i, get((const From*)a.X + i));
}
KERNEL(f32_to_bf16, ConvertArgs, 256) { convert<float, bf16>(a); }
KERNEL(bf16_to_f32, ConvertArgs, 256) { convert<bf16, float>(a); }
