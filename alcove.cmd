@echo off
rem Runs Alcove's command line. What is missing, or older than the sources, is built first.
rem
rem   ALCOVE_JAVA_OPTIONS   further options for Java
rem
rem The counterpart of the script "alcove". Tried under Wine; on Windows itself not yet.
setlocal EnableExtensions DisableDelayedExpansion

for %%F in ("%~dp0.") do set "ALCOVE_FOLDER=%%~fF"
set "ALCOVE_TARGET=%ALCOVE_FOLDER%\java-manager\target"
set "ALCOVE_JAR=%ALCOVE_TARGET%\run\alcove.jar"

set "ALCOVE_JAVA="
if defined JAVA_HOME if exist "%JAVA_HOME%\bin\java.exe" set "ALCOVE_JAVA=%JAVA_HOME%\bin\java.exe"
if not defined ALCOVE_JAVA for %%F in (java.exe) do set "ALCOVE_JAVA=%%~$PATH:F"
if not defined ALCOVE_JAVA (
    >&2 echo error: Alcove needs Java 17 or newer; there is no java on the PATH, and JAVA_HOME names none.
    >&2 echo hint: Install a JDK, for example with: winget install EclipseAdoptium.Temurin.17.JDK
    exit /b 1
)

call :is_built
if errorlevel 1 call :build
if errorlevel 1 exit /b 1

"%ALCOVE_JAVA%" -XX:+IgnoreUnrecognizedVMOptions -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Dfile.encoding=UTF-8 ^
    -Djava.net.useSystemProxies=true -Djdk.http.auth.tunneling.disabledSchemes= ^
    %ALCOVE_JAVA_OPTIONS% "-Dalcove.home=%ALCOVE_FOLDER%" -jar "%ALCOVE_JAR%" %*
exit /b %ERRORLEVEL%


rem ---- Is the jar there, and newer than every source?
:is_built
if not exist "%ALCOVE_JAR%" exit /b 1
rem The folder goes by the environment: no quoting can break it there.
powershell -NoProfile -NonInteractive -Command ^
    "$built = (Get-Item -LiteralPath $env:ALCOVE_JAR).LastWriteTimeUtc;" ^
    "$sources = 'java-manager\src\main', 'java-manager\pom.xml', 'python-worker\src', 'schemas', 'envs';" ^
    "$files = $sources | ForEach-Object { Get-ChildItem -LiteralPath (Join-Path $env:ALCOVE_FOLDER $_) -Recurse -File };" ^
    "$newer = $files | Where-Object { $_.LastWriteTimeUtc -gt $built -and $_.FullName -notlike '*__pycache__*' };" ^
    "if ($newer) { exit 1 }"
exit /b %ERRORLEVEL%


rem ---- Builds beside the jar, then moves the new one in place.
:build
if not exist "%ALCOVE_TARGET%\run" mkdir "%ALCOVE_TARGET%\run"
rem By way of a file: a command with quotes and a pipe within for /f is a trap.
set "ALCOVE_VERSION="
"%ALCOVE_JAVA%" -version 2> "%ALCOVE_TARGET%\java-version.txt"
for /f "usebackq tokens=2,3" %%V in ("%ALCOVE_TARGET%\java-version.txt") do if "%%V" == "version" set "ALCOVE_VERSION=%%~W"
set "ALCOVE_FEATURE=0"
for /f "delims=.-+" %%V in ("%ALCOVE_VERSION%") do set "ALCOVE_FEATURE=%%V"
if %ALCOVE_FEATURE% LSS 17 (
    >&2 echo error: Alcove needs Java 17 or newer; found: %ALCOVE_VERSION% ^("%ALCOVE_JAVA%"^)
    >&2 echo hint: Install a JDK, for example with: winget install EclipseAdoptium.Temurin.17.JDK
    exit /b 1
)
where /q mvn
if errorlevel 1 (
    >&2 echo error: Building Alcove needs Maven 3.8 or newer; there is no mvn on the PATH.
    >&2 echo hint: Unpack Maven somewhere and put its folder "bin" on the PATH.
    exit /b 1
)
>&2 echo Building Alcove (the first time takes about a minute) ...
set "ALCOVE_BUILD=%ALCOVE_TARGET%\run\build-%RANDOM%"
call mvn -B -q -f "%ALCOVE_FOLDER%\java-manager\pom.xml" -Dmaven.test.skip=true ^
    "-Dalcove.build.directory=%ALCOVE_BUILD%" package > "%ALCOVE_TARGET%\build.log" 2>&1
if errorlevel 1 (
    type "%ALCOVE_TARGET%\build.log" >&2
    >&2 echo error: Building Alcove failed.
    >&2 echo hint: The output above is kept in "%ALCOVE_TARGET%\build.log"
    rmdir /s /q "%ALCOVE_BUILD%" 2>nul
    exit /b 1
)
set "ALCOVE_MOVED=no"
pushd "%ALCOVE_BUILD%"
for %%F in (Alcove_-*.jar) do del /q "%ALCOVE_TARGET%\run\Alcove_-*.jar" 2>nul & move /y "%%F" "%ALCOVE_TARGET%\run" >nul 2>&1
for %%F in (alcove-*-all.jar) do move /y "%%F" "%ALCOVE_JAR%" >nul 2>&1 && set "ALCOVE_MOVED=yes"
popd
rmdir /s /q "%ALCOVE_BUILD%" 2>nul
if "%ALCOVE_MOVED%" == "no" (
    >&2 echo error: "%ALCOVE_JAR%" could not be replaced.
    >&2 echo hint: Another Alcove may be running; end it and try again.
    exit /b 1
)
exit /b 0
