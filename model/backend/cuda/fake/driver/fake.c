// A driver and a cuBLASLt without a GPU: device memory is the process's own,
// kernels go to an emulator where one is given, products are plain loops. It
// keeps count of what is taken and given back, checks addresses, and fails
// where a script says so. One library plays both: whoever needs the other
// name links it.
//
// Script: words like NAME=VALUE with ";" between them.
//   cuMemAlloc_v2:3=2   the third call of that function returns 2
//   any:17=2            the 17th call of all that can fail returns 2
//                       (cuBLASLt's return 14)
//   devices= version= arch= sms= memory= ltversion=    what it claims to be
//   noalgorithm=1       cuBLASLt knows none
//   emulator=PATH       a library with emulate(); else kernels do nothing
#include <dlfcn.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define GUARD 256

enum { MEMORY, PINNED, STREAM, EVENT, MODULE, CONTEXT, HANDLE, DESC, LAYOUT, PREFERENCE, KINDS };
static const char *kinds[KINDS] = {"device memory", "pinned memory", "stream", "event", "module", "context", "handle", "product", "layout", "preference"};

typedef struct thing { struct thing *next; int kind; size_t bytes; char *at; } thing;
static thing *live;
static char *script;
static char *log_text;
static size_t log_len, log_cap;
static int calls, lost;
static size_t used;
static struct { const char *name; int n; } counts[128];

static void note(const char *text) {
	size_t n = strlen(text);
	if (log_len + n + 2 > log_cap) log_text = realloc(log_text, log_cap = 2 * (log_cap + n + 2));
	memcpy(log_text + log_len, text, n);
	log_text[log_len + n] = '\n';
	log_text[log_len += n + 1] = 0;
}

static void bad(const char *what, const char *which) {
	char line[300];
	snprintf(line, sizeof line, "BAD %s: %s", which, what);
	note(line);
}

static const char *word(const char *key) {
	static char value[4096];
	if (!script) {
		const char *env = getenv("FAKE_CUDA");
		script = strdup(env ? env : "");
	}
	size_t n = strlen(key);
	for (const char *s = script; s; s = strchr(s, ';') ? strchr(s, ';') + 1 : NULL)
		if (!strncmp(s, key, n) && s[n] == '=') {
			size_t len = strcspn(s + n + 1, ";");
			if (len >= sizeof value) len = sizeof value - 1;
			memcpy(value, s + n + 1, len);
			value[len] = 0;
			return value;
		}
	return NULL;
}

static long number(const char *key, long otherwise) {
	const char *v = word(key);
	return v ? atol(v) : otherwise;
}

// enter counts a call and says what it must return, 0 to go on.
static int enter(const char *name, int lt) {
	char key[100];
	int n = 0;
	note(name);
	for (int i = 0; i < 128; i++)
		if (!counts[i].name || !strcmp(counts[i].name, name)) {
			counts[i].name = name;
			n = ++counts[i].n;
			break;
		}
	if (lost && !lt) return lost;
	snprintf(key, sizeof key, "%s:%d", name, n);
	int code = (int)number(key, 0);
	if (!code) {
		snprintf(key, sizeof key, "any:%d", ++calls);
		code = (int)number(key, 0);
		if (code && lt) code = 14;
	}
	if (!lt && (code == 700 || code == 719)) lost = code;
	return code;
}
#define ENTER do { int code_ = enter(__func__, 0); if (code_) return code_; } while (0)
#define ENTER_LT do { int code_ = enter(__func__, 1); if (code_) return code_; } while (0)

static void *take(int kind, size_t bytes) {
	thing *t = malloc(sizeof *t);
	t->kind = kind;
	t->bytes = bytes;
	t->at = aligned_alloc(256, (bytes + 2 * GUARD + 255) / 256 * 256);
	size_t poison = bytes < 1 << 20 ? bytes : 0; // large blocks are left as they come, for the tests' time
	memset(t->at, 0xA5, GUARD + poison);
	memset(t->at + GUARD + bytes, 0xA5, GUARD);
	t->next = live;
	live = t;
	return t->at + GUARD;
}

static thing *find(const void *p, size_t bytes, int kind) {
	for (thing *t = live; t; t = t->next)
		if (t->kind == kind && (char *)p >= t->at + GUARD && (char *)p + bytes <= t->at + GUARD + t->bytes) return t;
	return NULL;
}

static int give(int kind, const void *p, const char *name) {
	for (thing **at = &live; *at; at = &(*at)->next) {
		thing *t = *at;
		if (t->kind != kind || t->at + GUARD != p) continue;
		for (int i = 0; i < GUARD; i++)
			if ((unsigned char)t->at[i] != 0xA5 || (unsigned char)t->at[GUARD + t->bytes + i] != 0xA5) {
				bad("something wrote past its end", kinds[kind]);
				break;
			}
		if (kind == MEMORY) used -= t->bytes;
		*at = t->next;
		free(t->at);
		free(t);
		return 0;
	}
	note(name);
	bad("given back, but was not taken", kinds[kind]);
	return 1;
}

// --- for tests

void fake_script(const char *s) {
	free(script);
	script = strdup(s);
	calls = lost = 0;
	memset(counts, 0, sizeof counts);
	log_len = 0;
	if (log_text) *log_text = 0;
}
const char *fake_log(void) { return log_text ? log_text : ""; }
int fake_calls(void) { return calls; }
const char *fake_live(void) {
	static char text[400];
	int n[KINDS] = {0};
	text[0] = 0;
	for (thing *t = live; t; t = t->next) n[t->kind]++;
	for (int k = 0; k < KINDS; k++)
		if (n[k]) snprintf(text + strlen(text), sizeof text - strlen(text), "%d %s ", n[k], kinds[k]);
	return text;
}

// --- the driver

typedef uint64_t ptr;

int cuInit(unsigned flags) { ENTER; return flags; }
int cuDriverGetVersion(int *v) { ENTER; *v = (int)number("version", 12080); return 0; }
int cuDeviceGetCount(int *n) { ENTER; *n = (int)number("devices", 1); return 0; }
int cuDeviceGet(int *d, int i) { ENTER; *d = i; return i < number("devices", 1) ? 0 : 101; }
int cuDeviceGetName(char *s, int n, int d) { ENTER; snprintf(s, n, "Imaginary %d", d); return 0; }
int cuDeviceGetAttribute(int *v, int a, int d) {
	ENTER;
	int arch = (int)number("arch", 90);
	*v = a == 75 ? arch / 10 : a == 76 ? arch % 10 : a == 16 ? (int)number("sms", 4) : -1;
	return d == 0 || number("devices", 1) > d ? 0 : 101;
}
int cuDeviceTotalMem_v2(size_t *n, int d) { (void)d; ENTER; *n = number("memory", 1L << 33); return 0; }
int cuDevicePrimaryCtxRetain(void **c, int d) { (void)d; ENTER; *c = take(CONTEXT, 1); return 0; }
int cuDevicePrimaryCtxRelease_v2(int d) {
	(void)d;
	note(__func__);
	for (thing *t = live; t; t = t->next)
		if (t->kind == CONTEXT) return give(CONTEXT, t->at + GUARD, __func__);
	bad("released, but not retained", kinds[CONTEXT]);
	return 201;
}
int cuCtxSetCurrent(void *c) { ENTER; return find(c, 1, CONTEXT) ? 0 : 201; }
int cuMemAlloc_v2(ptr *p, size_t n) {
	ENTER;
	if (n == 0) return 1;
	if (used + n > (size_t)number("memory", 1L << 33)) return 2;
	used += n;
	*p = (ptr)take(MEMORY, n);
	return 0;
}
int cuMemFree_v2(ptr p) { note(__func__); return give(MEMORY, (void *)p, __func__); }
int cuMemGetInfo_v2(size_t *f, size_t *t) {
	ENTER;
	*t = number("memory", 1L << 33);
	*f = *t - used;
	return 0;
}
int cuMemHostAlloc(void **p, size_t n, unsigned flags) { (void)flags; ENTER; *p = take(PINNED, n); return 0; }
int cuMemFreeHost(void *p) { note(__func__); return give(PINNED, p, __func__); }
static int copy(void *d, int dk, const void *s, int sk, size_t n, void *stream) {
	if (!find(stream, 1, STREAM)) { bad("a copy on no stream", "stream"); return 400; }
	if (!find(d, n, dk) || !find(s, n, sk)) { bad("a copy outside of it", kinds[find(d, n, dk) ? sk : dk]); return 1; }
	memcpy(d, s, n);
	return 0;
}
int cuMemcpyHtoDAsync_v2(ptr d, const void *s, size_t n, void *st) { ENTER; return copy((void *)d, MEMORY, s, PINNED, n, st); }
int cuMemcpyDtoHAsync_v2(void *d, ptr s, size_t n, void *st) { ENTER; return copy(d, PINNED, (void *)s, MEMORY, n, st); }
int cuModuleLoadDataEx(void **m, const void *image, unsigned n, int *options, void **values) {
	ENTER;
	if (!image) return 1;
	const char *log = word("jitlog");
	for (unsigned i = 0; log && i < n; i++)
		if (options[i] == 5) {
			strcpy(values[i], log);
			return 218;
		}
	*m = take(MODULE, 1);
	return 0;
}
int cuModuleUnload(void *m) { note(__func__); return give(MODULE, m, __func__); }
int cuModuleGetFunction(void **f, void *m, const char *name) {
	ENTER;
	if (!find(m, 1, MODULE)) return 400;
	*f = strdup(name);
	return 0;
}
int cuFuncSetAttribute(void *f, int a, int v) { (void)f; ENTER; return a == 8 && v > 0 && v <= 227 << 10 ? 0 : 1; }
int cuLaunchKernel(void *f, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz, unsigned shared, void *st, void **params, void **extra) {
	ENTER;
	static int (*emulate)(const char *, const void *, const unsigned *, const unsigned *, unsigned);
	static const char *(*failure)(void);
	unsigned grid[3] = {gx, gy, gz}, block[3] = {bx, by, bz};
	if (!gx || !gy || !gz || gy > 65535 || gz > 65535 || bx * by * bz > 1024 || !bx || !by || !bz || params || !find(st, 1, STREAM)) {
		bad("grid, block, parameters or stream", f);
		return 1;
	}
	if (extra[0] != (void *)1 || extra[2] != (void *)2 || extra[4]) { bad("list of parameters", f); return 1; }
	const char *path = word("emulator");
	if (!path) return 0;
	if (!emulate) {
		void *lib = dlopen(path, RTLD_NOW | RTLD_LOCAL);
		if (lib) {
			*(void **)&emulate = dlsym(lib, "emulate");
			*(void **)&failure = dlsym(lib, "emulate_failure");
		}
		if (!emulate || !failure) { bad("cannot be loaded", path); return 500; }
	}
	int code = emulate(f, extra[1], grid, block, shared);
	if (code) bad(failure(), f);
	return code ? 719 : 0;
}
int cuStreamCreate(void **s, unsigned flags) { (void)flags; ENTER; *s = take(STREAM, 1); return 0; }
int cuStreamDestroy_v2(void *s) { note(__func__); return give(STREAM, s, __func__); }
int cuEventCreate(void **e, unsigned flags) { (void)flags; ENTER; *e = take(EVENT, sizeof(double)); return 0; }
int cuEventDestroy_v2(void *e) { note(__func__); return give(EVENT, e, __func__); }
int cuEventRecord(void *e, void *s) {
	ENTER;
	struct timespec now;
	if (!find(e, 1, EVENT) || !find(s, 1, STREAM)) return 400;
	clock_gettime(CLOCK_MONOTONIC, &now);
	*(double *)e = 1e3 * now.tv_sec + 1e-6 * now.tv_nsec;
	return 0;
}
int cuEventSynchronize(void *e) { ENTER; return find(e, 1, EVENT) ? 0 : 400; }
int cuEventElapsedTime_v2(float *ms, void *a, void *b) { ENTER; *ms = (float)(*(double *)b - *(double *)a); return 0; }
int cuGetErrorName(int code, const char **s) {
	*s = code == 2 ? "CUDA_ERROR_OUT_OF_MEMORY" : code == 100 ? "CUDA_ERROR_NO_DEVICE" : code == 218 ? "CUDA_ERROR_INVALID_PTX"
	   : code == 700 ? "CUDA_ERROR_ILLEGAL_ADDRESS" : code == 803 ? "CUDA_ERROR_SYSTEM_DRIVER_MISMATCH" : "CUDA_ERROR_OF_THE_SCRIPT";
	return 0;
}

// --- cuBLASLt

typedef struct { int compute, scale, transa, transb, biastype; unsigned epilogue; const void *bias; } desc;
typedef struct { int type; uint64_t rows, cols; int64_t ld; } layout;
typedef struct { uint64_t algo[8]; size_t workspace; int status; float waves; int reserved[4]; } result;

const char *cublasLtGetStatusName(int s) { return s == 15 ? "CUBLAS_STATUS_NOT_SUPPORTED" : "CUBLAS_STATUS_OF_THE_SCRIPT"; }
size_t cublasLtGetVersion(void) { return number("ltversion", 120805); }
int cublasLtCreate(void **h) { ENTER_LT; *h = take(HANDLE, 1); return 0; }
int cublasLtDestroy(void *h) { note(__func__); return give(HANDLE, h, __func__); }
int cublasLtMatmulDescCreate(desc **d, int compute, int scale) {
	ENTER_LT;
	*d = take(DESC, sizeof **d);
	**d = (desc){.compute = compute, .scale = scale, .epilogue = 1, .biastype = -1};
	return 0;
}
int cublasLtMatmulDescDestroy(void *d) { note(__func__); return give(DESC, d, __func__); }
int cublasLtMatmulDescSetAttribute(desc *d, int a, const void *v, size_t n) {
	ENTER_LT;
	void *to = a == 3 ? (void *)&d->transa : a == 4 ? (void *)&d->transb : a == 7 ? (void *)&d->epilogue : a == 8 ? (void *)&d->bias : a == 26 ? (void *)&d->biastype : NULL;
	if (!to || n != (a == 8 ? 8 : 4)) return 7;
	memcpy(to, v, n);
	return 0;
}
int cublasLtMatrixLayoutCreate(layout **l, int type, uint64_t rows, uint64_t cols, int64_t ld) {
	ENTER_LT;
	*l = take(LAYOUT, sizeof **l);
	**l = (layout){type, rows, cols, ld};
	return 0;
}
int cublasLtMatrixLayoutDestroy(void *l) { note(__func__); return give(LAYOUT, l, __func__); }
int cublasLtMatmulPreferenceCreate(void **p) { ENTER_LT; *p = take(PREFERENCE, 8); return 0; }
int cublasLtMatmulPreferenceDestroy(void *p) { note(__func__); return give(PREFERENCE, p, __func__); }
int cublasLtMatmulPreferenceSetAttribute(void *p, int a, const void *v, size_t n) {
	ENTER_LT;
	return find(p, 1, PREFERENCE) && v && ((a == 1 && n == 8) || (a == 3 && n == 4)) ? 0 : 7;
}

static int wide(int type) { return type == 0 ? 4 : 2; }

// fits says whether D = op(A) op(B) + C is a product this library knows.
static int fits(const desc *d, const layout *a, const layout *b, const layout *c, const layout *y) {
	uint64_t m = d->transa ? a->cols : a->rows, k = d->transa ? a->rows : a->cols;
	uint64_t n = d->transb ? b->rows : b->cols, k2 = d->transb ? b->cols : b->rows;
	int same = a->type == b->type && (a->type == 0 || a->type == 14) && (y->type == 0 || y->type == 14) && c->type == y->type && (a->type == 14 || y->type == 0);
	int shapes = k == k2 && y->rows == m && y->cols == n && c->rows == m && c->cols == n;
	int strides = a->ld >= (int64_t)a->rows && b->ld >= (int64_t)b->rows && y->ld >= (int64_t)m && c->ld >= (int64_t)m;
	int aligned = a->ld * wide(a->type) % 16 == 0 && b->ld * wide(b->type) % 16 == 0 && y->ld * wide(y->type) % 16 == 0;
	int bias = d->epilogue == 1 || (d->bias && (d->biastype < 0 || d->biastype == y->type));
	int epilogue = d->epilogue == 1 || d->epilogue == 4 || d->epilogue == 36;
	return d->compute == 68 && d->scale == 0 && same && shapes && strides && aligned && bias && epilogue;
}

int cublasLtMatmulAlgoGetHeuristic(void *h, desc *d, layout *a, layout *b, layout *c, layout *y, void *p, int want, result *r, int *got) {
	ENTER_LT;
	*got = 0;
	if (!find(h, 1, HANDLE) || !find(p, 1, PREFERENCE) || want < 1) return 7;
	if (word("noalgorithm") || !fits(d, a, b, c, y)) return 15;
	memset(r, 0, sizeof *r);
	r->algo[0] = 4711;
	r->workspace = 1 << 20;
	*got = 1;
	return 0;
}

static float load(const void *p, int type, size_t i) {
	if (type == 0) return ((const float *)p)[i];
	union { uint32_t u; float f; } v = {.u = (uint32_t)((const uint16_t *)p)[i] << 16};
	return v.f;
}
static void store(void *p, int type, size_t i, float f) {
	union { float f; uint32_t u; } v = {.f = f};
	if (type == 0) ((float *)p)[i] = f;
	else ((uint16_t *)p)[i] = f != f ? (uint16_t)(v.u >> 16 | 0x40) : (uint16_t)((v.u + 0x7fff + (v.u >> 16 & 1)) >> 16);
}

int cublasLtMatmul(void *h, desc *d, const float *alpha, const void *A, layout *a, const void *B, layout *b, const float *beta, const void *C, layout *c,
                   void *D, layout *y, const uint64_t *algo, void *ws, size_t wsn, void *st) {
	ENTER_LT;
	size_t m = y->rows, n = y->cols, k = d->transa ? a->rows : a->cols;
	if (!find(h, 1, HANDLE) || !find(st, 1, STREAM) || !fits(d, a, b, c, y) || !algo || algo[0] != 4711) return 7;
	if ((uintptr_t)A % 16 || (uintptr_t)B % 16 || (uintptr_t)D % 16 || !find(ws, wsn, MEMORY) || wsn < 1 << 20) return 7;
	if (!find(A, ((a->cols - 1) * a->ld + a->rows) * wide(a->type), MEMORY) || !find(B, ((b->cols - 1) * b->ld + b->rows) * wide(b->type), MEMORY) ||
	    !find(D, ((n - 1) * y->ld + m) * wide(y->type), MEMORY) || (*beta != 0 && !find(C, ((n - 1) * c->ld + m) * wide(c->type), MEMORY)) ||
	    (d->epilogue != 1 && !find(d->bias, m * wide(y->type), MEMORY))) {
		bad("a product outside of it", "device memory");
		return 7;
	}
	float *ra = malloc(sizeof(float) * m * k), *rb = malloc(sizeof(float) * k);
	for (size_t i = 0; i < m; i++)
		for (size_t l = 0; l < k; l++) ra[i * k + l] = load(A, a->type, d->transa ? i * a->ld + l : l * a->ld + i);
	for (size_t j = 0; j < n; j++) {
		for (size_t l = 0; l < k; l++) rb[l] = load(B, b->type, d->transb ? l * b->ld + j : j * b->ld + l);
		for (size_t i = 0; i < m; i++) {
			float s[8] = {0}, sum;
			size_t l = 0;
			for (; l + 8 <= k; l += 8)
				for (int u = 0; u < 8; u++) s[u] += ra[i * k + l + u] * rb[l + u];
			for (; l < k; l++) s[0] += ra[i * k + l] * rb[l];
			sum = *alpha * (((s[0] + s[1]) + (s[2] + s[3])) + ((s[4] + s[5]) + (s[6] + s[7])));
			if (*beta != 0) sum += *beta * load(C, c->type, j * c->ld + i);
			if (d->epilogue & 4) sum += load(d->bias, y->type, i);
			if (d->epilogue & 32) sum *= 0.5f * (1 + tanhf(0.79788456f * (sum + 0.044715f * sum * sum * sum)));
			store(D, y->type, j * y->ld + i, sum);
		}
	}
	free(ra);
	free(rb);
	return 0;
}
