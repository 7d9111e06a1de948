package cli

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// isTerminal tells whether a stream of a command is a terminal.
func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// progress draws a bar on w until the returned function is called, reading done from a counter; total 0 is a spinner.
// Where w is no terminal, it prints a line now and then instead, so that a log stays readable.
func progress(w io.Writer, what string, total int64, bytes bool, done func() int64) (finish func()) {
	every, draw := 10*time.Second, func(n int64) { fmt.Fprintln(w, plainProgress(what, n, total)) }
	last := func() {}
	if isTerminal(w) {
		bar := newBar(w, what, total, bytes)
		every, draw = 200*time.Millisecond, func(n int64) { _ = bar.Set64(n) } // drawing may fail, the work goes on
		last = func() { _ = bar.Exit(); fmt.Fprintln(w) }
	}
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		t := time.NewTicker(every)
		defer t.Stop()
		for {
			select {
			case <-t.C:
				draw(done())
			case <-stop:
				if isTerminal(w) {
					draw(done())
				}
				last()
				return
			}
		}
	}()
	return func() { close(stop); <-stopped }
}

func newBar(w io.Writer, what string, total int64, bytes bool) *progressbar.ProgressBar {
	if total == 0 {
		total = -1
	}
	return progressbar.NewOptions64(total, progressbar.OptionSetWriter(w), progressbar.OptionSetDescription(what),
		progressbar.OptionShowBytes(bytes), progressbar.OptionShowCount(), progressbar.OptionSetWidth(30),
		progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionUseANSICodes(true),
		progressbar.OptionFullWidth())
}

func plainProgress(what string, n, total int64) string {
	if total <= 0 {
		return fmt.Sprintf("%s: %d", what, n)
	}
	return fmt.Sprintf("%s: %d %%", what, n*100/total)
}
