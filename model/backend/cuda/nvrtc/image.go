//go:build linux && (amd64 || arm64) && !nogpu

package nvrtc

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/adrg/xdg"
	"github.com/google/renameio/v2"

	"framepilot/model/backend/cuda/kernels"
)

// Image returns the kernels for a device of compute capability arch (90 is
// sm_90) under a driver of that version (12040 is 12.4): a cubin by NVRTC where
// places (see dl.Places) have one, else the embedded PTX. how names what it is,
// as "NVRTC 12.8 for sm_90", which decides how sums are rounded; why is the
// reason for PTX, or "".
func Image(places []string, arch, driver int) (image []byte, how, why string) {
	return find(places, arch, driver, filepath.Join(xdg.CacheHome, "framepilot", "kernels"))
}

func find(places []string, arch, driver int, cache string) (image []byte, how, why string) {
	c, err := Open(places, driver)
	if err == nil {
		if image, err = c.cubin(kernels.Source(), arch, cache); err == nil {
			return image, fmt.Sprintf("%s for sm_%d", c, arch), ""
		}
	}
	return kernels.PTX(), "embedded PTX", strings.SplitN(err.Error(), "\n", 2)[0]
}

// cubin compiles source, unless the cache has what came of it before.
func (c *Compiler) cubin(source string, arch int, cache string) ([]byte, error) {
	target := fmt.Sprintf("sm_%d", arch)
	key := sha256.Sum256([]byte(strings.Join([]string{c.String(), target, source}, "\x00")))
	path := filepath.Join(cache, fmt.Sprintf("%x.cubin", key))
	if image, ok := unseal(path); ok {
		return image, nil
	}
	image, _, err := c.Compile(source, target)
	if err != nil {
		return nil, err
	}
	// Without a cache the next start compiles again: slower, not wrong.
	if os.MkdirAll(cache, 0o755) == nil {
		_ = renameio.WriteFile(path, seal(image), 0o644)
	}
	return image, nil
}

// seal puts the SHA-256 of an image before it.
func seal(image []byte) []byte {
	sum := sha256.Sum256(image)
	return append(sum[:], image...)
}

// unseal reads an image that is whole.
func unseal(path string) ([]byte, bool) {
	b, err := os.ReadFile(path)
	if err != nil || len(b) <= sha256.Size {
		return nil, false
	}
	sum := sha256.Sum256(b[sha256.Size:])
	return b[sha256.Size:], bytes.Equal(sum[:], b[:sha256.Size])
}
