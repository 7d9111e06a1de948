package embedded

import (
	"errors"
	"os"
	"os/exec"
	"syscall"

	"golang.org/x/sys/unix"
)

// machineMemory is the memory this process can have in bytes.
func machineMemory() int64 {
	var info unix.Sysinfo_t
	if err := unix.Sysinfo(&info); err != nil {
		return 4 << 30
	}
	return int64(info.Totalram) * int64(info.Unit)
}

// tryLock takes the file's lock for this process and those that inherit the
// file; false: somebody has it.
func tryLock(f *os.File) (bool, error) {
	err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		return false, nil
	}
	return err == nil, err
}

// apart puts the child into a process group of its own, so that Ctrl-C in a
// terminal reaches the parent alone, which then ends the child in order.
func apart(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// firstToGo asks the kernel to end this process rather than its parent when
// memory runs out: the parent starts it again and loses nothing.
func firstToGo() error {
	return os.WriteFile("/proc/self/oom_score_adj", []byte("500"), 0)
}
