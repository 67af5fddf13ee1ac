// Feature macros of softf1: the only file that reads them. CMake sets them on the targets.
#pragma once

#if defined(__FAST_MATH__) || (defined(__FINITE_MATH_ONLY__) && __FINITE_MATH_ONLY__)
#error "softf1: an undefined score is a quiet NaN, which -ffast-math folds away: compile without it"
#endif

// SOFTF1_HD marks a function that host and device compile from the same source. On the host it is always inlined: only
// then is it compiled for the instruction set of the loop that calls it, and does that loop vectorise.
#if defined(__CUDACC__)
#define SOFTF1_HD __host__ __device__ inline
#elif defined(__GNUC__)
#define SOFTF1_HD __attribute__((always_inline)) inline
#else
#define SOFTF1_HD inline
#endif

// SOFTF1_ANY_CALLEE before a template that is SOFTF1_HD: it may call a functor of the host alone, where the host calls it.
#if defined(__CUDACC__)
#define SOFTF1_ANY_CALLEE _Pragma("nv_exec_check_disable")
#else
#define SOFTF1_ANY_CALLEE
#endif

// SOFTF1_BLAS_CBLAS: products go to a CBLAS (set by softf1::cpu); without it to the reference product of this library.
#if defined(SOFTF1_BLAS_CBLAS)
#define SOFTF1_DETAIL_BLAS cblas
#else
#define SOFTF1_DETAIL_BLAS builtin
#endif

// SOFTF1_OPENMP: the CPU backend uses the threads of OpenMP (set by softf1::core where OpenMP was found).
#if defined(SOFTF1_OPENMP)
#define SOFTF1_DETAIL_THREADS omp
#else
#define SOFTF1_DETAIL_THREADS serial
#endif

// SOFTF1_TURBOJPEG: libjpeg-turbo reads and writes JPEG (set by softf1::image where it was found), else stb. What differs
// by it lives in an inline namespace of its own within softf1::image.
#if defined(SOFTF1_TURBOJPEG)
#define SOFTF1_DETAIL_JPEG turbojpeg
#else
#define SOFTF1_DETAIL_JPEG stb
#endif

// SOFTF1_PUGIXML: pugixml reads XML (set by softf1::io where it was found); without it, nothing does. What differs by it
// lives in an inline namespace of its own within softf1::data.
#if defined(SOFTF1_PUGIXML)
#define SOFTF1_DETAIL_XML pugixml
#else
#define SOFTF1_DETAIL_XML no_xml
#endif

// SOFTF1_DEVICE_CUDA, SOFTF1_DEVICE_THRUST_OMP, SOFTF1_DEVICE_THRUST_CPP: which of Thrust's device systems the device
// backend uses (set by softf1::cuda); without any there is no device backend.
#if defined(SOFTF1_DEVICE_CUDA)
#define SOFTF1_DETAIL_DEVICE cuda
#elif defined(SOFTF1_DEVICE_THRUST_OMP)
#define SOFTF1_DETAIL_DEVICE thrust_omp
#elif defined(SOFTF1_DEVICE_THRUST_CPP)
#define SOFTF1_DETAIL_DEVICE thrust_cpp
#else
#define SOFTF1_DETAIL_DEVICE host
#endif

// SOFTF1_DEVICE_CODE: this unit can use the device backend. Units of g++ in a CUDA build cannot: that is nvcc's work.
#if defined(SOFTF1_DEVICE_THRUST_OMP) || defined(SOFTF1_DEVICE_THRUST_CPP) || \
    (defined(SOFTF1_DEVICE_CUDA) && defined(__CUDACC__))
#define SOFTF1_DEVICE_CODE 1
#endif

// Everything lives in softf1::SOFTF1_ABI, an inline namespace named after the features that change code: two builds
// that differ in them cannot be linked into one program by accident.
#define SOFTF1_DETAIL_JOIN_(a, b, c, d) a##_##b##_##c##_##d
#define SOFTF1_DETAIL_JOIN(a, b, c, d) SOFTF1_DETAIL_JOIN_(a, b, c, d)
#define SOFTF1_ABI SOFTF1_DETAIL_JOIN(v0, SOFTF1_DETAIL_BLAS, SOFTF1_DETAIL_THREADS, SOFTF1_DETAIL_DEVICE)
