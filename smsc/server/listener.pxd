# What compiling buys here: a turn is a handful of C calls; a fifth of a small chunk's time was spent between them.
cimport cython

from smsc.engine.binds.bindings cimport Bind
from smsc.engine.tick cimport Tick
from smsc.protocol.sessions.session cimport Session
from smsc.protocol.pdu.submit cimport Acks, SubmitBatch
from smsc.server.connection cimport Connection


cdef class Listener:
    cdef public Tick engine
    cdef public object loop, limits, alarm, all_gone, capture, port, capacity, retry
    cdef public dict connections, shaking
    cdef public SubmitBatch batch
    cdef public Acks acks
    cdef public long long write_buffer, next_id, alarm_at
    cdef public double linger
    cdef public bint turning, stopping, store_failed
    cdef public list after_turn

    @cython.locals(engine=Tick, dirty=list, bind=Bind)
    cpdef received(self, Connection connection, Session session, bytes data)
    cpdef turn(self)
    @cython.locals(engine=Tick)
    cpdef turn_over(self)
    @cython.locals(dirty=list, bind=Bind, connection=Connection)
    cpdef write_out(self)
    @cython.locals(due="long long")
    cpdef set_alarm(self)
