# The functions of the `.py` in C, for the modules that cimport them; not compiled by itself.
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from libc.string cimport memcpy


cdef inline Py_ssize_t put(unsigned char* out, Py_ssize_t at, bytes value) except -1:
    memcpy(out + at, PyBytes_AS_STRING(value), PyBytes_GET_SIZE(value))
    return at + PyBytes_GET_SIZE(value)


cdef inline bytes taken(unsigned char* out, Py_ssize_t start, Py_ssize_t end):
    return PyBytes_FromStringAndSize(<char*>out + start, end - start)


cdef inline Py_ssize_t put_part(unsigned char* out, Py_ssize_t at, bytes value, Py_ssize_t start, Py_ssize_t end) except -1:
    memcpy(out + at, PyBytes_AS_STRING(value) + start, end - start)
    return at + end - start


cdef inline void put_word(unsigned char* out, Py_ssize_t at, unsigned long long word) noexcept:
    out[at] = word & 255
    out[at + 1] = word >> 8 & 255
    out[at + 2] = word >> 16 & 255
    out[at + 3] = word >> 24 & 255
    out[at + 4] = word >> 32 & 255
    out[at + 5] = word >> 40 & 255
    out[at + 6] = word >> 48 & 255
    out[at + 7] = word >> 56 & 255


cdef inline unsigned long long word(const unsigned char* data, Py_ssize_t at) noexcept:
    return (
        <unsigned long long>data[at] | <unsigned long long>data[at + 1] << 8
        | <unsigned long long>data[at + 2] << 16 | <unsigned long long>data[at + 3] << 24
        | <unsigned long long>data[at + 4] << 32 | <unsigned long long>data[at + 5] << 40
        | <unsigned long long>data[at + 6] << 48 | <unsigned long long>data[at + 7] << 56
    )
