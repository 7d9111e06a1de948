// Command ringside is a real-time queue analytics engine for contact centres.
package main

import (
	"os"

	"ringside/internal/cli"
	"ringside/store/embedded"
)

func main() {
	embedded.ChildMain()
	os.Exit(cli.Main(os.Args[1:], cli.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}))
}
