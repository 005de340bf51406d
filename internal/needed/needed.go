// Package needed is for tests of what a machine may lack: a decoder, a
// compiler, a browser.
package needed

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// Missing skips a test for want of something, saying why. Where the variable
// FRAMEPILOT_REQUIRE names it, among others with commas between, the test
// fails: a machine that must have it can't pass by leaving tests out.
func Missing(t testing.TB, name string, why any) {
	t.Helper()
	if slices.Contains(strings.Split(os.Getenv("FRAMEPILOT_REQUIRE"), ","), name) {
		t.Fatalf("FRAMEPILOT_REQUIRE asks for %s: %v", name, why)
	}
	t.Skipf("needs %s: %v", name, why)
}
