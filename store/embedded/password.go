package embedded

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// readerFile has the reader's password, on a line of its own.
const readerFile = "reader-password"

// minPassword is the least length of a password that somebody has written into
// the file by hand.
const minPassword = 12

// newPassword makes a random one. The address is on loopback, where every account
// of the machine can reach it.
func newPassword() string {
	var secret [24]byte
	_, _ = rand.Read(secret[:]) // never fails
	return hex.EncodeToString(secret[:])
}

// readerPassword returns the reader's password, made when there is none yet.
func (d *directory) readerPassword() (string, error) {
	path := filepath.Join(d.path, readerFile)
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		password := newPassword()
		return password, d.write(readerFile, []byte(password+"\n"))
	}
	if err != nil {
		return "", fmt.Errorf("embedded ClickHouse: the reader's password: %w", err)
	}
	password := strings.TrimSpace(string(text))
	if len(password) < minPassword {
		return "", fmt.Errorf("embedded ClickHouse: the password in %s is shorter than %d characters; write a longer one, or delete the file to have one made", path, minPassword)
	}
	return password, nil
}
