//go:build linux && (amd64 || arm64) && !nogpu

package dl

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"unsafe"

	"github.com/ebitengine/purego"
)

// Library is an open shared library. It stays open until the process ends:
// drivers keep threads and exit handlers of their own.
type Library struct {
	Path   string // as the loader was asked for it
	handle uintptr
}

// NotFound says that a library is in none of the places.
type NotFound struct {
	Names  []string // any would have done
	Places []string // folders; "" is the loader's own path
}

func (e *NotFound) Error() string {
	var in []string
	for _, p := range e.Places {
		if p == "" {
			p = "the loader's path"
		}
		in = append(in, p)
	}
	return fmt.Sprintf("%s not found in %s", strings.Join(e.Names, " or "), strings.Join(in, ", "))
}

// Open opens the first of names, by preference, that one of the places has. A
// library that is there but does not load is an error: the next might be
// older and fail later.
func Open(places []string, names ...string) (*Library, error) {
	for _, name := range names {
		for _, place := range places {
			path := filepath.Join(place, name)
			handle, err := purego.Dlopen(path, purego.RTLD_NOW|purego.RTLD_LOCAL)
			if err == nil {
				return &Library{path, handle}, nil
			}
			if _, absent := os.Stat(path); place != "" && absent == nil {
				return nil, fmt.Errorf("load %s: %w", path, err)
			}
		}
	}
	return nil, &NotFound{names, places}
}

// symbol returns the address of a function.
func (l *Library) symbol(name string) (uintptr, error) {
	at, err := purego.Dlsym(l.handle, name)
	if err != nil {
		return 0, fmt.Errorf("%s has no function %s", l.Path, name)
	}
	return at, nil
}

// Function is a C function by its exported name.
type Function struct {
	Name string
	Args int
	Else string // a name of the same shape that older libraries export; "" for none
}

// Table is the addresses of a list of functions, in its order.
type Table struct {
	functions []Function
	at        []uintptr
}

// Bind finds every function.
func (l *Library) Bind(functions []Function) (Table, error) {
	t := Table{functions: functions}
	for _, f := range functions {
		at, err := l.symbol(f.Name)
		if err != nil && f.Else != "" {
			at, err = l.symbol(f.Else)
		}
		if err != nil {
			return Table{}, err
		}
		t.at = append(t.at, at)
	}
	return t, nil
}

// Call calls function i of the table. What uintptr(unsafe.Pointer(&x)) in the
// arguments points to stays where it is until the call returns.
//
//go:uintptrescapes
func (t Table) Call(i int, args ...uintptr) uintptr {
	if f := t.functions[i]; len(args) != f.Args {
		panic(fmt.Sprintf("dl: %s takes %d arguments, got %d", f.Name, f.Args, len(args)))
	}
	r, _, _ := purego.SyscallN(t.at[i], args...)
	return r
}

// String copies a C string of at most 4096 bytes, "" for a null pointer.
func String(address uintptr) string {
	const longest = 4096
	p := *(**byte)(unsafe.Pointer(&address)) // C's memory: the collector neither moves nor frees it
	if p == nil {
		return ""
	}
	n := 0
	for n < longest && *(*byte)(unsafe.Add(unsafe.Pointer(p), n)) != 0 {
		n++
	}
	return string(unsafe.Slice(p, n))
}
