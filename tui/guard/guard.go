// Package guard starts the goroutines of the terminal UI. A panic in a plain
// goroutine ends the process with the terminal still raw; one started here is
// reported instead. No other place under tui says go, and a test holds that.
package guard

import (
	"fmt"
	"runtime/debug"
)

// Go runs f beside its caller and hands a panic in it to broke, with the stack
// it came from.
func Go(f func(), broke func(error)) {
	go func() {
		defer Catch(broke)
		f()
	}()
}

// Catch is to be deferred: it hands the panic it stops, if any, to broke.
func Catch(broke func(error)) {
	if r := recover(); r != nil {
		broke(fmt.Errorf("the terminal UI broke: %v\n%s", r, debug.Stack()))
	}
}
