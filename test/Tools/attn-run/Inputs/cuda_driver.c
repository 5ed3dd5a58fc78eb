/* A stand-in for NVIDIA's driver, libcuda.so.1: the functions that the runtime
 * calls, on a GPU whose only kernel is saxpy of three vectors by descriptors.
 * It prints what it is asked for. FAKE_CUDA names a way to fail. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
  INVALID = 1,
  NO_DEVICE = 100,
  INVALID_PTX = 218,
  NOT_FOUND = 500,
  ILLEGAL_ADDRESS = 700
};

static int fails(const char *way) {
  const char *chosen = getenv("FAKE_CUDA");
  return chosen && !strcmp(chosen, way);
}

int cuGetErrorString(int result, const char **text) {
  *text = result == NO_DEVICE     ? "no CUDA-capable device is detected"
          : result == INVALID_PTX ? "a PTX JIT compilation failed"
          : result == NOT_FOUND   ? "named symbol not found"
          : result == ILLEGAL_ADDRESS
              ? "an illegal memory access was encountered"
              : "invalid argument";
  return 0;
}
int cuGetErrorName(int result, const char **name) {
  *name = result == NO_DEVICE         ? "CUDA_ERROR_NO_DEVICE"
          : result == INVALID_PTX     ? "CUDA_ERROR_INVALID_PTX"
          : result == NOT_FOUND       ? "CUDA_ERROR_NOT_FOUND"
          : result == ILLEGAL_ADDRESS ? "CUDA_ERROR_ILLEGAL_ADDRESS"
                                      : "CUDA_ERROR_INVALID_VALUE";
  return 0;
}
int cuInit(unsigned flags) {
  setvbuf(stdout, NULL, _IONBF, 0);
  return fails("init") ? NO_DEVICE : 0;
}
int cuDeviceGetCount(int *count) {
  *count = fails("count") ? 0 : 1;
  return 0;
}
int cuDeviceGet(int *device, int ordinal) {
  *device = ordinal;
  return 0;
}
int cuDeviceGetAttribute(int *value, int attribute, int device) {
  int old = fails("old"), newer = fails("newer");
  switch (attribute) {
  case 75:
    *value = old ? 7 : newer ? 10 : 8;
    return 0;
  case 76:
    *value = old ? 5 : newer ? 3 : 9;
    return 0;
  case 97:
    *value = 101376;
    return 0;
  }
  return INVALID;
}
int cuDevicePrimaryCtxRetain(void **context, int device) {
  *context = &device;
  return 0;
}
int cuDevicePrimaryCtxRelease_v2(int device) { return 0; }
int cuCtxSetCurrent(void *context) { return 0; }
int cuCtxSynchronize(void) { return fails("fault") ? ILLEGAL_ADDRESS : 0; }
int cuModuleLoadDataEx(void **module, const void *image, unsigned count,
                       int *options, void **values) {
  const char *target = strstr(image, ".target ");
  printf("load %.*s\n", (int)strcspn(target, "\n"), target);
  if (fails("ptx")) {
    for (unsigned i = 0; i < count; ++i)
      if (options[i] == 5)
        strcpy(values[i], "ptxas application ptx input, line 9; error : "
                          "Unknown symbol\nmore\n");
    return INVALID_PTX;
  }
  *module = module;
  return 0;
}
int cuModuleUnload(void *module) {
  printf("unload\n");
  return 0;
}
int cuModuleGetFunction(void **function, void *module, const char *name) {
  printf("function %s\n", name);
  if (strcmp(name, "saxpy"))
    return NOT_FOUND;
  *function = function;
  return 0;
}
int cuFuncSetAttribute(void *function, int attribute, int value) {
  printf("attribute %d = %d\n", attribute, value);
  return 0;
}
int cuLaunchKernel(void *function, unsigned gx, unsigned gy, unsigned gz,
                   unsigned bx, unsigned by, unsigned bz, unsigned shared,
                   void *stream, void **arguments, void **extra) {
  printf("launch %u %u %u, %u %u %u, %u\n", gx, gy, gz, bx, by, bz, shared);
  /* Allocated and aligned pointer, offset, size and stride of each vector. */
  const float *x = *(float **)arguments[1], *y = *(float **)arguments[6];
  float *out = *(float **)arguments[11], a = *(float *)arguments[15];
  for (long i = 0, n = *(long *)arguments[3]; i < n; ++i)
    out[i] = a * x[i] + y[i];
  return 0;
}
int cuMemAllocManaged(unsigned long long *pointer, size_t size,
                      unsigned flags) {
  if (fails("memory"))
    return 2;
  *pointer = (unsigned long long)aligned_alloc(512, (size + 511) / 512 * 512);
  return 0;
}
int cuMemFree_v2(unsigned long long pointer) {
  free((void *)pointer);
  return 0;
}
int cuEventCreate(void **event, unsigned flags) {
  *event = event;
  return 0;
}
int cuEventRecord(void *event, void *stream) { return 0; }
int cuEventElapsedTime(float *milliseconds, void *begin, void *end) {
  *milliseconds = 0.25f;
  return 0;
}
int cuEventDestroy_v2(void *event) { return 0; }
