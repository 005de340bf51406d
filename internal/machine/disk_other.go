//go:build !unix

package machine

import "errors"

// FreeDisk is not known on this system.
func FreeDisk(string) (int64, error) { return 0, errors.ErrUnsupported }
