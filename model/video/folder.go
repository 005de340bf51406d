package video

import (
	"bufio"
	"context"
	"errors"
	"image"
	_ "image/jpeg" // formats of frames
	_ "image/png"
	"io/fs"
	"os"
	"path/filepath"

	_ "golang.org/x/image/bmp"
	_ "golang.org/x/image/webp"

	"framepilot/internal/words"
)

// readFolder reads a folder of pictures as one clip, in natural order of their
// names, at Options.FrameRate. All must have one size. JPEG pictures come
// within a few levels of Pillow's, not bit for bit.
func readFolder(ctx context.Context, path string, b *builder) error {
	names, err := frameNames(path)
	if err != nil {
		return &Error{Class: Unreadable, Err: err}
	}
	b.clip.Reason = ReasonPictures
	b.packets, b.frames = len(names), len(names)
	if err := sameSize(ctx, path, names, b); err != nil {
		return err
	}
	times := make([]float64, len(names))
	for i := range times {
		times[i] = float64(i) / b.options.FrameRate
	}
	b.seconds = duration(times)
	p, err := makePlan(times, b.options)
	if err != nil {
		return err
	}
	b.warn(p.warnings...)
	b.begin(p)
	for _, n := range p.unique() {
		if err := ctx.Err(); err != nil {
			return err
		}
		f, err := readPicture(filepath.Join(path, names[n]))
		if err != nil {
			return err
		}
		b.put(n, f)
	}
	return nil
}

// sameSize reads the headers of all pictures.
func sameSize(ctx context.Context, path string, names []string, b *builder) error {
	for i, name := range names {
		if err := ctx.Err(); err != nil {
			return err
		}
		width, height, codec, err := pictureSize(filepath.Join(path, name))
		if err != nil {
			return err
		}
		if i == 0 {
			b.width, b.height, b.codec = width, height, codec
		}
		if width != b.width || height != b.height {
			return &Error{Class: ImageSequenceMixed,
				Detail: words.Say("%s is %d×%d, %s is %d×%d", names[0], b.width, b.height, name, width, height)}
		}
	}
	return nil
}

// pictureSize is the size of a picture once it is upright.
func pictureSize(path string) (width, height int, format string, err error) {
	f, err := openPicture(path)
	if err != nil {
		return 0, 0, "", err
	}
	defer f.Close()
	r := bufio.NewReader(f)
	turned := orientation(r)
	config, format, err := image.DecodeConfig(r)
	if err != nil {
		return 0, 0, "", pictureError(path, err)
	}
	if config.Width < 1 || config.Height < 1 || config.Width > maxPixels/config.Height {
		return 0, 0, "", &Error{Class: SizeLimit, Detail: words.Say("%s is %d×%d, more than %d pixels", filepath.Base(path), config.Width, config.Height, maxPixels)}
	}
	if turned >= 5 {
		return config.Height, config.Width, format, nil
	}
	return config.Width, config.Height, format, nil
}

// readPicture decodes a picture and turns it upright.
func readPicture(path string) (frame, error) {
	f, err := openPicture(path)
	if err != nil {
		return frame{}, err
	}
	defer f.Close()
	r := bufio.NewReader(f)
	turned := orientation(r)
	img, _, err := image.Decode(r)
	if err != nil {
		return frame{}, pictureError(path, err)
	}
	return upright(rgb(img), turned), nil
}

// openPicture opens a picture that is a regular file.
func openPicture(path string) (*os.File, error) {
	info, err := os.Stat(path)
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("not a regular file")
	}
	if err != nil {
		return nil, &Error{Class: Unreadable, Detail: words.Plain(filepath.Base(path)), Err: err}
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, &Error{Class: Unreadable, Err: err}
	}
	return f, nil
}

func pictureError(path string, err error) *Error {
	var reading *fs.PathError
	if errors.As(err, &reading) {
		return &Error{Class: Unreadable, Err: err}
	}
	return &Error{Class: NotMedia, Detail: words.Say("%s does not decode", filepath.Base(path)), Hint: words.Say("replace this picture, or remove it"), Err: err}
}

// rgb turns a decoded picture into 8-bit RGB. Transparency is dropped, not
// blended, and 16-bit values lose their low byte, as Pillow's convert("RGB").
func rgb(img image.Image) frame {
	bounds := img.Bounds()
	f := frame{width: bounds.Dx(), height: bounds.Dy()}
	f.pix = make([]byte, f.width*f.height*3)
	i := 0
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			f.pix[i], f.pix[i+1], f.pix[i+2] = pixel(img, x, y)
			i += 3
		}
	}
	return f
}
