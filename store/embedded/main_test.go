package embedded_test

import (
	"testing"

	"ringside/store/embedded/embeddedtest"
)

func TestMain(m *testing.M) { embeddedtest.Main(m) }
