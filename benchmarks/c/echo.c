/* The floor of a round trip through pipes: sends back whatever it reads, and does nothing else. */
#include <errno.h>
#include <unistd.h>

int main(void)
{
    static char bytes[65536];

    for (;;) {
        ssize_t count = read(0, bytes, sizeof bytes);
        ssize_t done = 0;

        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return count < 0;
        while (done < count) {
            ssize_t written = write(1, bytes + done, (size_t)(count - done));

            if (written < 0 && errno != EINTR)
                return 1;
            if (written > 0)
                done += written;
        }
    }
}
