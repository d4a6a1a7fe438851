# Each value of each row is looked at, and put into the values of its statement, without a Python call.
cimport cython


@cython.final
cdef class Shape:
    cdef public list bound, sized


@cython.final
cdef class TableWriter:
    cdef public object table
    cdef public tuple clear
    cdef public str delete
    cdef public bint is_numbered
    cdef public list empty
    cdef public Shape full
    cdef public dict shapes

    @cython.locals(row=tuple, rows=list, emptiness=object)
    cpdef list steps(self, dict changes)
    @cython.locals(found="unsigned long long", bit="unsigned long long", place=Py_ssize_t, value=object)
    cpdef unsigned long long emptiness(self, tuple row) except? 0
    cpdef Shape shape(self, object emptiness)


@cython.locals(
    bound=list, row=tuple, values=list, at=Py_ssize_t, first=Py_ssize_t, count=Py_ssize_t, largest=Py_ssize_t,
    place=Py_ssize_t,
)
cdef chunks(Shape shape, list rows, list steps)
