# What compiling buys here: from the event loop to the session and back without a Python call between.
cimport cython

from smsc.protocol.sessions.session cimport Session


cdef double inf


cdef class Connection:
    cdef public object listener, transport, timer, parting, tracer, faults, faults_timer
    cdef public Session session
    cdef public str peer
    cdef public bint reading, writable, ended
    cdef public double timer_at

    @cython.locals(session=Session)
    cpdef data_received(self, bytes data)
    @cython.locals(session=Session)
    cpdef write_out(self)
    @cython.locals(session=Session, may_read=bint)
    cpdef wind_up(self)
    @cython.locals(session=Session, due=double)
    cpdef arm(self)
