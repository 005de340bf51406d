// What the kernels ask of the device, and nothing else they may use: the
// emulator replaces this file by its own.

typedef unsigned short bf16;

// One block a multiprocessor is enough for the compiler: asked for more, it
// would keep registers in memory.
#define KERNEL(name, Args, threads) extern "C" __global__ void __launch_bounds__(threads, 1) name(const Args a)
#define DEVICE static __device__ __forceinline__
#define METHOD __device__ __forceinline__ // of a struct

extern __shared__ __align__(16) unsigned char shared[]; // of a block, as large as its launch says

DEVICE float as_float(unsigned v) { return __uint_as_float(v); }
DEVICE unsigned select_bytes(unsigned lo, unsigned hi, unsigned which) { return __byte_perm(lo, hi, which); }

// Approximations within two units of the last place; infinities and NaN as expected.
DEVICE float exp2_fast(float x) { float y; asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x)); return y; }
DEVICE float reciprocal_fast(float x) { float y; asm("rcp.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x)); return y; }

// pack rounds to the nearest bf16, ties to even; lo goes to the lower address.
DEVICE unsigned pack(float lo, float hi) { unsigned v; asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(v) : "f"(hi), "f"(lo)); return v; }

// All threads of a block, or all lanes of a warp, must come to these together.
DEVICE void sync_block() { __syncthreads(); }
DEVICE void sync_warp() { __syncwarp(); }
DEVICE float shuffle_xor(float v, int mask) { return __shfl_xor_sync(0xffffffffu, v, mask); }

DEVICE unsigned shared_address(const void* p) {
	unsigned v;
	asm("{ .reg .u64 t; cvta.to.shared.u64 t, %1; cvt.u32.u64 %0, t; }" : "=r"(v) : "l"(p));
	return v;
}

// mma adds the product of a 16×16 and a 16×8 tile: with g = lane/4, t = lane%4,
// a holds (g, 2t), (g+8, 2t), (g, 2t+8), (g+8, 2t+8), each with its right
// neighbour; b (2t, g), (2t+8, g), each with the one below; d (g, 2t), (g, 2t+1),
// (g+8, 2t), (g+8, 2t+1).
DEVICE void mma(float (&d)[4], const unsigned (&a)[4], unsigned b0, unsigned b1) {
	asm("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
		: "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
		: "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
}

// load_matrix reads four 8×8 tiles of bf16: lane l gives the address of row
// l%8 of tile l/8 and gets in r[i] elements (g, 2t) and (g, 2t+1) of tile i;
// transposed, (2t, g) and (2t+1, g).
DEVICE void load_matrix(unsigned (&r)[4], const bf16* row) {
	asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0,%1,%2,%3}, [%4];"
		: "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3]) : "r"(shared_address(row)) : "memory");
}
DEVICE void load_matrix_transposed(unsigned (&r)[4], const bf16* row) {
	asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0,%1,%2,%3}, [%4];"
		: "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3]) : "r"(shared_address(row)) : "memory");
}

// copy_async brings 16 bytes to shared memory, the first of them from global,
// the rest zero. Groups of copies end with copy_commit; copy_wait<N> waits
// until at most the last N groups are under way.
DEVICE void copy_async(void* to, const void* from, int bytes) {
	asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" :: "r"(shared_address(to)), "l"(from), "r"(bytes) : "memory");
}
DEVICE void copy_commit() { asm volatile("cp.async.commit_group;" ::: "memory"); }
template <int N> DEVICE void copy_wait() { asm volatile("cp.async.wait_group %0;" :: "n"(N) : "memory"); }
