// libcudart.so.13: the bindings load it; nothing of it is called but its version.
#include "driver.h"
API int cudaRuntimeGetVersion(int* version) { *version = 13000; return 0; }
