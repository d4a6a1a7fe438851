// A server in plain Go, one goroutine a session: it frames, reads every mandatory field of submit_sm and answers, and
// flushes when no more input is buffered. It stands in for the Go SMPP modules, which the module proxy did not serve.
package main

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"sync/atomic"
)

type submit struct {
	serviceType, source, destination, schedule, validity string
	sourceTon, sourceNpi, destTon, destNpi               byte
	rest                                                 [8]byte
	text                                                 []byte
}

var number atomic.Uint64

var errShort = errors.New("body too short")

func text(body []byte) (string, []byte, error) {
	for i, octet := range body {
		if octet == 0 {
			return string(body[:i]), body[i+1:], nil
		}
	}
	return "", nil, errShort
}

func parse(body []byte) (m submit, err error) {
	if m.serviceType, body, err = text(body); err != nil || len(body) < 2 {
		return m, errShort
	}
	m.sourceTon, m.sourceNpi = body[0], body[1]
	if m.source, body, err = text(body[2:]); err != nil || len(body) < 2 {
		return m, errShort
	}
	m.destTon, m.destNpi = body[0], body[1]
	if m.destination, body, err = text(body[2:]); err != nil || len(body) < 3 {
		return m, errShort
	}
	copy(m.rest[:3], body)
	if m.schedule, body, err = text(body[3:]); err != nil {
		return m, err
	}
	if m.validity, body, err = text(body); err != nil || len(body) < 5 || len(body) < 5+int(body[4]) {
		return m, errShort
	}
	copy(m.rest[3:], body[:5])
	m.text = append([]byte(nil), body[5:5+int(body[4])]...)
	return m, nil
}

func answer(out *bufio.Writer, command, status, sequence uint32, body string) {
	var header [16]byte
	length := 16
	if body != "" {
		length += len(body) + 1
	}
	binary.BigEndian.PutUint32(header[0:], uint32(length))
	binary.BigEndian.PutUint32(header[4:], command|0x80000000)
	binary.BigEndian.PutUint32(header[8:], status)
	binary.BigEndian.PutUint32(header[12:], sequence)
	out.Write(header[:])
	if body != "" {
		out.WriteString(body)
		out.WriteByte(0)
	}
}

func serve(conn net.Conn) {
	defer conn.Close()
	in, out := bufio.NewReaderSize(conn, 65536), bufio.NewWriterSize(conn, 65536)
	var header [16]byte
	for {
		if _, err := io.ReadFull(in, header[:]); err != nil {
			return
		}
		length := binary.BigEndian.Uint32(header[0:])
		if length < 16 || length > 65536 {
			return
		}
		body := make([]byte, length-16)
		if _, err := io.ReadFull(in, body); err != nil {
			return
		}
		command, sequence := binary.BigEndian.Uint32(header[4:]), binary.BigEndian.Uint32(header[12:])
		switch command {
		case 4:
			if _, err := parse(body); err != nil {
				answer(out, command, 2, sequence, "")
			} else {
				answer(out, command, 0, sequence, strconv.FormatUint(number.Add(1), 10))
			}
		case 1, 2, 9:
			answer(out, command, 0, sequence, "go")
		case 6, 0x15:
			answer(out, command, 0, sequence, "")
		}
		if in.Buffered() == 0 || command == 6 {
			if out.Flush() != nil || command == 6 {
				return
			}
		}
	}
}

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:"+os.Args[1])
	if err != nil {
		panic(err)
	}
	fmt.Println("ready smpp=127.0.0.1:" + os.Args[1])
	for {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		go serve(conn)
	}
}
