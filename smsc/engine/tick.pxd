# A turn is a dozen calls from C to C instead of as many Python calls.
cimport cython

from smsc.engine.scheduler cimport Agenda
from smsc.engine.mt.alerts cimport Alerts
from smsc.engine.journal.commit cimport Commit, Group
from smsc.engine.mt.smpp_delivery cimport Exchange
from smsc.engine.committed cimport Landing
from smsc.engine.mo.submission cimport Intake
from smsc.protocol.session cimport Session
from smsc.protocol.submit cimport Acks, SubmitBatch


cdef class Turns:
    cdef public object clock, services, stamp, world
    cdef public Commit commit
    cdef public Exchange exchange
    cdef public Intake intake
    cdef public Agenda agenda
    cdef public Alerts alerts
    cdef public Landing landing
    cdef public long long commits, store_errors
    cdef public str store_failing

    @cython.locals(now="long long")
    cpdef long long set_time(self, double link_now) except? 0
    cpdef received(self, Session session, bytes data, double link_now)
    cpdef digest(self, Session session)
    cpdef turn_over(self)
    cpdef landed(self, Group group, error)
    @cython.locals(due="long long", service="long long", number="long long")
    cpdef long long next_due(self) except? -1
