# The functions of the `.py` in C, for the modules that cimport them; not compiled by itself.
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from libc.string cimport memcpy


cdef inline Py_ssize_t put(unsigned char* out, Py_ssize_t at, bytes value) except -1:
    memcpy(out + at, PyBytes_AS_STRING(value), PyBytes_GET_SIZE(value))
    return at + PyBytes_GET_SIZE(value)


cdef inline bytes taken(unsigned char* out, Py_ssize_t start, Py_ssize_t end):
    return PyBytes_FromStringAndSize(<char*>out + start, end - start)
