package embedded_test

import (
	"os"
	osexec "os/exec"
	"path/filepath"
	"strings"
	"testing"

	"ringside/store/embedded/embeddedtest"
)

// A program without ChildMain gets an error that names it, not a crowd of
// children.
func TestForgottenChildMain(t *testing.T) {
	embeddedtest.Library(t)
	dir := t.TempDir()
	program := filepath.Join(dir, "main.go")
	err := os.WriteFile(program, []byte(`package main

import (
	"context"
	"fmt"

	"ringside/store/embedded"
)

func main() {
	_, err := embedded.Start(context.Background(), embedded.Options{DataDir: "`+dir+`", Library: "`+embeddedtest.Library(t)+`"})
	fmt.Println(err)
}
`), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	out, err := osexec.Command("go", "run", program).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %v", out, err)
	}
	if strings.Count(string(out), "ended before it was ready") != 1 || !strings.Contains(string(out), "embedded.ChildMain()") {
		t.Errorf("%s", out)
	}
}
