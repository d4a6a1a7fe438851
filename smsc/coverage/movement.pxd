# Buys the search along a track: thousands of steps, each a fresh position.
cimport cython

from smsc.coverage.place cimport Place
from smsc.coverage.radio cimport Radio

cdef class Spot(Place):
    cdef public double lat
    cdef public double lon
    cdef public double penetration
    cdef public str inside
    cdef public Radio radio

    cpdef tuple where(self, long long now)
    cpdef long long stays(self, long long now)

cdef class Track(Spot):
    cdef public list times
    cdef public list lats
    cdef public list lons
    cdef public list counts
    cdef public long long every

    @cython.locals(phase=cython.longlong, leg=Py_ssize_t, begin=cython.longlong, count=cython.longlong, step=cython.longlong)
    cpdef tuple where(self, long long now)
    @cython.locals(phase=cython.longlong, leg=Py_ssize_t, begin=cython.longlong, count=cython.longlong,
                   length=cython.longlong, step=cython.longlong)
    cpdef long long stays(self, long long now)
    @cython.locals(first=cython.longlong)
    cpdef long long _phase(self, long long now)
    @cython.locals(part=double, lat=double, lon=double)
    cpdef tuple _along(self, Py_ssize_t leg, double part)
