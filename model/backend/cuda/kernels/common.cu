// The arguments of the kernels, the twins of args.go, and what several share.

typedef unsigned char u8;
typedef unsigned long long u64;

struct PatchifyArgs { void* Dst; const void* Frames; const float* Table; const int *Valid, *Keep; int Clips, Count, Patches, Image, Patch, Width; };
struct AssembleArgs { float* Dst; const float *Patches, *CLS, *Pos, *Time, *Weight, *Bias; const int* Keep; int Clips, Frames, Count, D; float Eps; int Unused; };
struct EmbedArgs { float* Dst; const int* IDs; const float *Table, *Pos; int Rows, Length, D, Unused; };
struct NormArgs { void* Dst; const float *X, *Weight, *Bias; int Rows, D; float Eps; int Unused; };
struct LinearArgs { void* Dst; const void *X, *W; const float *Bias, *Residual; int Rows, In, Out, LdX, LdW, Act; };
struct EpilogueArgs { void* Dst; const float *X, *Bias, *Residual; int Rows, D, Act, Unused; };
struct ActivateArgs { bf16* X; u64 Count; int Act, Unused; };
struct GatherArgs { void* Dst; const void* X; const int* Rows; int Count, D; };
struct ConvertArgs { void* Dst; const void* X; u64 Count; };
struct AttendArgs { void* Dst; const void* QKV; float* Partials; int Clips, Frames, Patches, Heads, Dim, Kind; };
struct CombineArgs { void* Dst; const float* Partials; int Clips, Heads, Dim, Parts, Stride, Unused; };

#define WARP 32
#define ROW_WARPS 4 // of a block that takes a row a warp
#define INFINITE as_float(0x7f800000u)
#define LOG2E 1.4426950408889634f

DEVICE float get(const float* p) { return *p; }
DEVICE float get(const bf16* p) { return as_float((unsigned)*p << 16); }
DEVICE void put(float* p, float v) { *p = v; }
DEVICE void put(bf16* p, float v) { *p = (bf16)pack(v, 0); }

DEVICE float warp_sum(float v) {
	for (int m = WARP / 2; m > 0; m /= 2) v += shuffle_xor(v, m);
	return v;
}
DEVICE float warp_max(float v) {
	for (int m = WARP / 2; m > 0; m /= 2) v = fmaxf(v, shuffle_xor(v, m));
	return v;
}

// The activations of backend.Act: 1 is x·σ(1.702x), 2 is x·Φ(x). EXACT is for
// what stays float32.
template <bool EXACT> DEVICE float activate(int act, float v) {
	if (act == 1) return EXACT ? v / (1 + expf(-1.702f * v)) : v * reciprocal_fast(1 + exp2_fast(-1.702f * LOG2E * v));
	if (act == 2) return v * 0.5f * (1 + erff(v * 0.70710678118654752f));
	return v;
}

DEVICE int lane_of_thread() { return threadIdx.x % WARP; }

// warp_of_grid numbers the warps of a launch.
DEVICE int warp_of_grid() { return blockIdx.x * (blockDim.x / WARP) + threadIdx.x / WARP; }

// element_of_grid numbers the threads of a launch.
DEVICE u64 element_of_grid() { return (u64)blockIdx.x * blockDim.x + threadIdx.x; }
