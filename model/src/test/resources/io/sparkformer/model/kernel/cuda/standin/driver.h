// What the libraries of the stand-in share: streams that may delay their work.
#pragma once
#include <functional>

#define API extern "C" __attribute__((visibility("default")))

// Does the work now, or later where the device delays its streams.
API int standin_enqueue(void* stream, std::function<void()>* work);

// Whether [address, address + bytes) is device memory.
API bool standin_is_device(const void* address, size_t bytes);
