// libnvrtc.so.13: CUDA C compiled by g++ over cuda_on_host.h. STANDIN_SOURCES is the folder of that, STANDIN_VERSION a checksum of the
// sources: compiled kernels are kept by version, and those of the stand-in must not be taken for NVIDIA's, nor old ones for new ones.
#include "driver.h"
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <regex>
#include <sstream>
#include <string>
#include <unistd.h>

namespace {
struct Program {
  std::string source, image, log;
};

std::string read(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream content;
  content << in.rdbuf();
  return content.str();
}
}

API int nvrtcVersion(int* major, int* minor) { *major = 13; *minor = STANDIN_VERSION; return 0; }
API const char* nvrtcGetErrorString(int) { return "an error of the stand-in"; }
API int nvrtcCreateProgram(void** program, const char* source, const char*, int, const char* const*, const char* const*) {
  *program = new Program{source, "", ""};
  return 0;
}
API int nvrtcCompileProgram(void* handle, int count, const char* const* options) {
  Program* program = (Program*) handle;
  char folder[] = "/tmp/standin-nvrtc-XXXXXX";
  if (!mkdtemp(folder)) {
    return 1;
  }
  std::string base = std::string(folder) + "/kernel";
  std::string defines = getenv("STANDIN_OPTIONS") ? std::string(" ") + getenv("STANDIN_OPTIONS") : "";
  for (int i = 0; i < count; i++) {
    if (strncmp(options[i], "-D", 2) == 0) {
      defines += std::string(" ") + options[i];
    } else if (strncmp(options[i], "--gpu-architecture=", 19) != 0 && strncmp(options[i], "--std=", 6) != 0) {
      program->log = std::string("nvrtc: error: unknown option ") + options[i];
      return 5;
    }
  }
  std::string source = std::regex_replace(program->source, std::regex("extern __shared__ float (\\w+)\\[\\];"),
      "float* $1 = (float*) emu::dynamic_shared();");
  std::ofstream out(base + ".cpp");
  out << "#include \"cuda_on_host.h\"\n#line 1 \"kernel.cu\"\n" << source << "\n";
  std::regex kernel("__global__\\s+void\\s+(\\w+)\\s*\\(");
  for (std::sregex_iterator i(source.begin(), source.end(), kernel), end; i != end; ++i) {
    std::string name = (*i)[1];
    out << "extern \"C\" emu::Kernel* standin_kernel_" << name << "() { return emu::Of<" << name << ">::kernel(); }\n";
  }
  out.close();
  int rc = system(("g++ -O2 -std=c++17 -fPIC -shared -I" STANDIN_SOURCES + defines + " -o " + base + ".so " + base + ".cpp 2> " + base
      + ".log").c_str());
  program->log = read(base + ".log");
  std::string library = read(base + ".so");
  system((std::string("rm -r ") + folder).c_str());
  if (rc) {
    return 6;
  }
  size_t length = library.size();
  program->image = std::string((char*) &length, sizeof length) + library;
  return 0;
}
API int nvrtcGetProgramLogSize(void* program, size_t* size) { *size = ((Program*) program)->log.size() + 1; return 0; }
API int nvrtcGetProgramLog(void* program, char* log) { strcpy(log, ((Program*) program)->log.c_str()); return 0; }
API int nvrtcGetCUBINSize(void* program, size_t* size) { *size = ((Program*) program)->image.size(); return 0; }
API int nvrtcGetCUBIN(void* program, char* image) {
  memcpy(image, ((Program*) program)->image.data(), ((Program*) program)->image.size());
  return 0;
}
API int nvrtcDestroyProgram(void** program) { delete (Program*) *program; *program = nullptr; return 0; }
