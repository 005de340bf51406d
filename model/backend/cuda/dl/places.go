//go:build linux && (amd64 || arm64) && !nogpu

package dl

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Places returns the folders where libraries of CUDA are looked for, in
// order: those of explicit and of $FRAMEPILOT_CUDA (lists like $PATH), the loader's own path (""),
// those of the toolkit, of Windows' subsystem, of containers, and of the
// packages that Python's pip installs, so that a PyTorch beside us is enough.
func Places(explicit string) []string {
	first := append(filepath.SplitList(explicit), filepath.SplitList(os.Getenv("FRAMEPILOT_CUDA"))...)
	all := slices.DeleteFunc(first, func(s string) bool { return s == "" })
	all = append(all, "")
	if home := os.Getenv("CUDA_HOME"); home != "" {
		all = append(all, filepath.Join(home, "lib64"))
	}
	for _, pattern := range []string{
		"/usr/local/cuda/lib64", "/usr/local/cuda-*/lib64", "/usr/lib/wsl/lib", "/usr/local/nvidia/lib64", "/run/opengl-driver/lib",
	} {
		all = append(all, existing(pattern)...)
	}
	for _, site := range sitePackages() {
		for _, sub := range []string{"cu13/lib", "cublas/lib", "cuda_nvrtc/lib"} {
			all = append(all, existing(filepath.Join(site, "nvidia", sub))...)
		}
	}
	return all
}

// existing returns what matches, the newest version first.
func existing(pattern string) []string {
	found, _ := filepath.Glob(pattern) // only a malformed pattern fails
	slices.Sort(found)
	slices.Reverse(found)
	return found
}

// sitePackages are where pip puts things: the active environment, the user's
// own and the system's.
func sitePackages() []string {
	var roots []string
	for _, env := range []string{"VIRTUAL_ENV", "CONDA_PREFIX"} {
		if dir := os.Getenv(env); dir != "" {
			roots = append(roots, dir)
		}
	}
	if home, err := os.UserHomeDir(); err == nil {
		roots = append(roots, filepath.Join(home, ".local"))
	}
	roots = append(roots, "/usr/local", "/usr", "/opt/conda", "/opt/venv")
	var all []string
	for _, root := range roots {
		for _, kind := range []string{"site-packages", "dist-packages"} {
			all = append(all, existing(filepath.Join(root, "lib", "python3*", kind))...)
		}
	}
	for _, dir := range filepath.SplitList(os.Getenv("PYTHONPATH")) {
		if strings.HasPrefix(dir, "/") {
			all = append(all, dir)
		}
	}
	return all
}
