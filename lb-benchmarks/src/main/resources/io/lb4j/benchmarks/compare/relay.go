// The relay that a Go programmer writes first: a goroutine for each direction, io.Copy, and half-closes passed on.
// Arguments: the port to listen on, how many processors, the ports of the backends.
package main

import (
	"io"
	"net"
	"os"
	"runtime"
	"strconv"
)

func main() {
	processors, _ := strconv.Atoi(os.Args[2])
	runtime.GOMAXPROCS(processors)
	backends := os.Args[3:]
	listener, err := net.Listen("tcp4", "127.0.0.1:"+os.Args[1])
	if err != nil {
		panic(err)
	}
	for next := 0; ; next++ {
		client, err := listener.Accept()
		if err == nil {
			go relay(client.(*net.TCPConn), backends[next%len(backends)])
		}
	}
}

func relay(client *net.TCPConn, port string) {
	defer client.Close()
	connected, err := net.Dial("tcp4", "127.0.0.1:"+port)
	if err != nil {
		return
	}
	backend := connected.(*net.TCPConn)
	defer backend.Close()
	ended := make(chan struct{})
	go func() {
		pass(backend, client)
		close(ended)
	}()
	pass(client, backend)
	<-ended
}

func pass(to, from *net.TCPConn) {
	io.Copy(to, from)
	to.CloseWrite()
}
