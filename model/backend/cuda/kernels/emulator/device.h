// What the kernels ask of the device, on a processor. A block's threads are
// fibres that run in a random order, seeded; one runs until it must wait for
// the others of its block or warp, and a warp until it must wait for the block.
// Blocks are spread over the processors.
//
// It catches lanes of a warp that part at an instruction they must come to
// together, shared memory overrun or read before it is written (it is all NaN
// at first; asynchronous copies happen at once or when they are waited for, by
// chance), and addresses the device would refuse. It does not know time, and
// races only by what they do to the result under two orders.

#include <setjmp.h>
#include <ucontext.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

typedef unsigned short bf16;

struct alignas(8) uint2 { unsigned x, y; };
struct alignas(16) uint4 { unsigned x, y, z, w; };
struct alignas(16) float4 { float x, y, z, w; };
static uint2 make_uint2(unsigned x, unsigned y) { return {x, y}; }
static uint4 make_uint4(unsigned x, unsigned y, unsigned z, unsigned w) { return {x, y, z, w}; }
static float4 make_float4(float x, float y, float z, float w) { return {x, y, z, w}; }
using std::max;
using std::min;

namespace emulator {

const int warpSize = 32, stackBytes = 64 << 10, guardBytes = 4096;
struct Index { unsigned x, y, z; };
struct Failure {};

struct Copy {
	unsigned char* to;
	const unsigned char* from;
	int bytes, group;
	void now() const {
		memset(to, 0, 16);
		memcpy(to, from, bytes);
	}
};

struct Fibre {
	ucontext_t first;
	jmp_buf at;
	std::unique_ptr<unsigned char[]> stack;
	Index thread;
	bool started, done;
	const unsigned* waitsFor; // a count that must leave the value seen; 0 for nothing
	unsigned seen;
	std::vector<Copy> copies;
	int group; // of the copies being issued
};

struct Slot { unsigned char bytes[48]; };

struct Warp {
	int arrived;
	unsigned generation; // of meetings
	const char* what;
	Slot slots[2][warpSize]; // of two generations: one may be read while the next arrives
};

struct Launch { void (*kernel)(const void*); const void* args; Index grid, block; unsigned dynamic, seed; };

// Machine runs one block at a time on one thread of the processor. Its fibres
// live on: a thread of the next block continues where the last one ended.
struct Machine {
	Launch launch;
	Index blockIdx;
	std::vector<std::unique_ptr<Fibre>> fibres;
	std::vector<Warp> warps;
	std::vector<unsigned char> memory;
	unsigned char* sharedMemory;
	int arrived; // at the block's barrier
	unsigned generation;
	Fibre* current;
	jmp_buf scheduler;
	unsigned random;
	std::string failure;

	void fail(const std::string& what) {
		if (failure.empty()) failure = what;
		if (current) _longjmp(scheduler, 1);
	}

	void wait(const unsigned* count, unsigned seen) {
		current->waitsFor = count;
		current->seen = seen;
		if (!_setjmp(current->at)) _longjmp(scheduler, 1);
	}

	unsigned next(unsigned below) {
		random = random * 1664525u + 1013904223u;
		return (unsigned)(((unsigned long long)random * below) >> 32);
	}

	void resume(Fibre* f) {
		if (_setjmp(scheduler) == 0) {
			current = f;
			if (f->started) _longjmp(f->at, 1);
			f->started = true;
			setcontext(&f->first);
		}
		current = 0;
	}

	bool can_run(const Fibre& f) { return !f.done && !(f.waitsFor && *f.waitsFor == f.seen); }

	// run_warp gives every lane that can run a turn, and says whether one could.
	bool run_warp(unsigned w) {
		unsigned order[warpSize], moved = 0;
		for (unsigned i = 0; i < warpSize; i++) order[i] = i;
		for (unsigned i = warpSize - 1; i > 0; i--) std::swap(order[i], order[next(i + 1)]);
		for (unsigned lane : order) {
			Fibre& f = *fibres[w * warpSize + lane];
			if (!can_run(f)) continue;
			f.waitsFor = 0;
			resume(&f);
			if (!failure.empty()) return false;
			moved++;
		}
		return moved > 0;
	}

	void run(Index at);
};

static thread_local Machine* machine;

// turn is not inlined: a fibre may go on under another processor's machine.
static void __attribute__((noinline)) turn() {
	machine->launch.kernel(machine->launch.args);
	machine->current->done = true;
	if (!_setjmp(machine->current->at)) _longjmp(machine->scheduler, 1);
}
static void enter() {
	for (;;) turn();
}

inline void Machine::run(Index at) {
	blockIdx = at;
	unsigned n = launch.block.x;
	warps.assign((n + warpSize - 1) / warpSize, Warp{});
	memory.assign(launch.dynamic + 2 * guardBytes + 16, 0xff);
	sharedMemory = memory.data() + guardBytes;
	sharedMemory += (16 - (size_t)sharedMemory % 16) % 16;
	arrived = 0, generation = 0, current = 0;
	random = launch.seed ^ (at.x * 2654435761u + at.y * 40503u);
	for (unsigned i = 0; i < n; i++) {
		if (i == fibres.size()) {
			Fibre* f = new Fibre();
			fibres.emplace_back(f);
			f->stack.reset(new unsigned char[stackBytes]);
			getcontext(&f->first);
			f->first.uc_stack.ss_sp = f->stack.get();
			f->first.uc_stack.ss_size = stackBytes;
			f->first.uc_link = 0;
			makecontext(&f->first, enter, 0);
		}
		Fibre& f = *fibres[i];
		f.thread = {i, 0, 0}, f.done = false, f.waitsFor = 0, f.group = 0;
		f.copies.clear();
	}
	// A warp runs until all its lanes have ended or wait at the block's barrier,
	// as far ahead of the others as it may.
	std::vector<unsigned> awake(warps.size());
	for (unsigned i = 0; i < awake.size(); i++) awake[i] = i;
	while (!awake.empty()) {
		unsigned at = next(awake.size());
		while (run_warp(awake[at])) {}
		if (!failure.empty()) return;
		bool done = true, stuck = true;
		for (unsigned i = 0; i < n; i++) {
			if (i / warpSize == awake[at]) done &= fibres[i]->done;
			stuck &= !can_run(*fibres[i]);
		}
		if (done) awake.erase(awake.begin() + at);
		if (!awake.empty() && stuck) return fail("threads wait for others that never come");
	}
	for (unsigned char* p = memory.data(); p < memory.data() + memory.size(); p++)
		if ((p < sharedMemory || p >= sharedMemory + launch.dynamic) && *p != 0xff) return fail("a write beyond shared memory");
}

inline void meet_block() {
	unsigned seen = machine->generation;
	if (++machine->arrived < (int)machine->launch.block.x) return machine->wait(&machine->generation, seen);
	machine->arrived = 0;
	machine->generation++;
}

// meet leaves v for the other lanes and returns what all 32 have left.
template <class T> const T* meet(const char* what, const T& v, T (&all)[warpSize]) {
	static_assert(sizeof(T) <= sizeof(Slot), "a slot is too small");
	unsigned i = machine->current->thread.x, lane = i % warpSize;
	Warp& w = machine->warps[i / warpSize];
	unsigned seen = w.generation;
	Slot* slots = w.slots[seen % 2];
	memcpy(slots[lane].bytes, &v, sizeof v);
	if (w.arrived > 0 && w.what != what) machine->fail(std::string("lanes of a warp part: ") + w.what + " and " + what);
	w.what = what;
	if (++w.arrived < warpSize) {
		machine->wait(&w.generation, seen);
	} else {
		w.arrived = 0;
		w.generation++;
	}
	for (int l = 0; l < warpSize; l++) memcpy(&all[l], slots[l].bytes, sizeof v);
	return all;
}

inline void must_be_shared(const char* what, const void* p, int bytes) {
	const unsigned char* at = (const unsigned char*)p;
	if ((size_t)p % 16 != 0) machine->fail(std::string(what) + " at an address that is not a multiple of 16");
	if (at < machine->sharedMemory || at + bytes > machine->sharedMemory + machine->launch.dynamic) machine->fail(std::string(what) + " beyond shared memory");
}

struct Kernel { size_t args; unsigned threads; void (*run)(const void*); };
inline std::map<std::string, Kernel>& kernels() {
	static std::map<std::string, Kernel> all;
	return all;
}
struct Register {
	Register(const char* name, Kernel k) { kernels()[name] = k; }
};

static std::mutex one, sharing;
static std::vector<Machine*> idle;

inline Machine* take() {
	std::lock_guard<std::mutex> lock(sharing);
	if (idle.empty()) return new Machine();
	Machine* m = idle.back();
	idle.pop_back();
	return m;
}

static std::string lastFailure;
static unsigned seed;

} // namespace emulator

#define KERNEL(name, Args, threads) \
	static void name(const Args& a); \
	static emulator::Register register_##name(#name, {sizeof(Args), threads, [](const void* p) { name(*(const Args*)p); }}); \
	static void name(const Args& a)
#define DEVICE static inline
#define METHOD
#define threadIdx (emulator::machine->current->thread)
#define blockIdx (emulator::machine->blockIdx)
#define blockDim (emulator::machine->launch.block)
#define shared (emulator::machine->sharedMemory)

DEVICE float as_float(unsigned v) { float f; memcpy(&f, &v, 4); return f; }
DEVICE unsigned as_bits(float f) { unsigned v; memcpy(&v, &f, 4); return v; }
DEVICE unsigned select_bytes(unsigned lo, unsigned hi, unsigned which) {
	unsigned long long all = (unsigned long long)hi << 32 | lo;
	unsigned v = 0;
	for (int i = 0; i < 4; i++) v |= (unsigned)(all >> 8 * (which >> 4 * i & 7) & 0xff) << 8 * i;
	return v;
}
DEVICE float exp2_fast(float x) { return exp2f(x); }
DEVICE float reciprocal_fast(float x) { return 1 / x; }
DEVICE unsigned round_bf16(float f) {
	unsigned v = as_bits(f);
	return f != f ? 0x7fff : (v + 0x7fff + (v >> 16 & 1)) >> 16;
}
DEVICE unsigned pack(float lo, float hi) { return round_bf16(hi) << 16 | round_bf16(lo); }

DEVICE void sync_block() { emulator::meet_block(); }
DEVICE void sync_warp() {
	int all[32];
	emulator::meet("sync_warp", 0, all);
}
DEVICE float shuffle_xor(float v, int mask) {
	float all[32];
	return emulator::meet("shuffle_xor", v, all)[(threadIdx.x % 32) ^ mask];
}

DEVICE void mma(float (&d)[4], const unsigned (&a)[4], unsigned b0, unsigned b1) {
	struct Operands { unsigned a[4], b[2]; } all[32];
	emulator::meet("mma", Operands{{a[0], a[1], a[2], a[3]}, {b0, b1}}, all);
	auto half = [](unsigned v, int k) { return as_float(k % 2 ? v & 0xffff0000u : v << 16); };
	int g = threadIdx.x % 32 / 4, t = threadIdx.x % 4;
	for (int e = 0; e < 4; e++) {
		int row = e / 2, col = 2 * t + e % 2;
		for (int k = 0; k < 16; k++)
			d[e] += half(all[4 * g + k % 8 / 2].a[row + k / 8 * 2], k) * half(all[4 * col + k % 8 / 2].b[k / 8], k);
	}
}

DEVICE void load_matrix(unsigned (&r)[4], const bf16* row) {
	emulator::must_be_shared("load_matrix", row, 16);
	const bf16* all[32];
	emulator::meet("load_matrix", row, all);
	int g = threadIdx.x % 32 / 4, t = threadIdx.x % 4;
	for (int i = 0; i < 4; i++) r[i] = (unsigned)all[8 * i + g][2 * t + 1] << 16 | all[8 * i + g][2 * t];
}
DEVICE void load_matrix_transposed(unsigned (&r)[4], const bf16* row) {
	emulator::must_be_shared("load_matrix_transposed", row, 16);
	const bf16* all[32];
	emulator::meet("load_matrix_transposed", row, all);
	int g = threadIdx.x % 32 / 4, t = threadIdx.x % 4;
	for (int i = 0; i < 4; i++) r[i] = (unsigned)all[8 * i + 2 * t + 1][g] << 16 | all[8 * i + 2 * t][g];
}

DEVICE void copy_async(void* to, const void* from, int bytes) {
	emulator::must_be_shared("copy_async", to, 16);
	if ((size_t)from % 16 != 0) emulator::machine->fail("copy_async from an address that is not a multiple of 16");
	emulator::Fibre* f = emulator::machine->current;
	emulator::Copy c = {(unsigned char*)to, (const unsigned char*)from, bytes, f->group};
	if (emulator::machine->next(2)) return c.now();
	f->copies.push_back(c);
}
DEVICE void copy_commit() { emulator::machine->current->group++; }
template <int N> DEVICE void copy_wait() {
	emulator::Fibre* f = emulator::machine->current;
	auto done = [&](const emulator::Copy& c) {
		if (c.group >= f->group - N) return false;
		c.now();
		return true;
	};
	f->copies.erase(std::remove_if(f->copies.begin(), f->copies.end(), done), f->copies.end());
}

// emulate runs a kernel whose addresses are this process's: 0 is success, 1 an
// unknown kernel, 2 a launch the kernel does not allow, 3 a kernel that broke
// the device's rules. emulate_failure says how, until the next call.
extern "C" int emulate(const char* name, const void* args, const unsigned grid[3], const unsigned block[3], unsigned dynamic) {
	using namespace emulator;
	std::lock_guard<std::mutex> lock(one);
	lastFailure.clear();
	auto k = kernels().find(name);
	if (k == kernels().end()) {
		lastFailure = std::string("no kernel is called ") + name;
		return 1;
	}
	if (block[0] < 1 || block[0] > k->second.threads || block[0] % warpSize != 0 || block[1] != 1 || block[2] != 1 || grid[0] < 1 || grid[1] < 1 || grid[1] > 65535 || grid[2] != 1) {
		lastFailure = std::string(name) + ": a grid or block out of bounds";
		return 2;
	}
	std::atomic<unsigned long long> next{0};
	unsigned long long blocks = (unsigned long long)grid[0] * grid[1];
	auto work = [&] {
		Machine* m = take();
		m->launch = {k->second.run, args, {grid[0], grid[1], 1}, {block[0], 1, 1}, dynamic, seed};
		machine = m;
		for (unsigned long long i; m->failure.empty() && (i = next++) < blocks;) m->run({(unsigned)(i % grid[0]), (unsigned)(i / grid[0]), 0});
		std::lock_guard<std::mutex> lock(sharing);
		if (!m->failure.empty() && lastFailure.empty()) lastFailure = std::string(name) + ": " + m->failure;
		machine = 0;
		if (m->failure.empty())
			idle.push_back(m);
		else
			delete m; // its fibres stand where they failed
	};
	std::vector<std::thread> others;
	for (unsigned i = 1; i < std::min<unsigned long long>(std::thread::hardware_concurrency(), blocks / 2); i++) others.emplace_back(work);
	work();
	for (auto& t : others) t.join();
	return lastFailure.empty() ? 0 : 3;
}
extern "C" const char* emulate_failure() { return emulator::lastFailure.c_str(); }
extern "C" void emulate_seed(unsigned s) { emulator::seed = s; }

// emulate_args is the size of a kernel's arguments, 0 where there is none.
extern "C" unsigned emulate_args(const char* name) {
	auto k = emulator::kernels().find(name);
	return k == emulator::kernels().end() ? 0 : (unsigned)k->second.args;
}
